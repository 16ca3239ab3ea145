/** ARCHITECTURE.md shows the import table that dependency-cruiser enforces. */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const { importTable } = (await import(pathToFileURL(resolve(root, "dependency-cruiser.config.mjs")).href)) as {
  readonly importTable: Readonly<Record<string, readonly string[]>>;
};

const platform = ["src/platform/node", "src/platform/web"];
const learn = ["src/learn/nn", "src/learn/optim", "src/learn/prob", "src/learn/models"];

/** What the names in italics stand for. */
const parts: Readonly<Record<string, readonly string[]>> = {
  core: importTable["src/core"],
  engine: ["src/engine", "src/engine/interpreter"],
  learn,
  platform,
  run: importTable.src.filter((room) => room.startsWith("src/run")),
};

test("the table of imports in ARCHITECTURE.md is the enforced one", async () => {
  const text = await readFile(resolve(root, "ARCHITECTURE.md"), "utf8");
  const shown = [...text.matchAll(/^\| `([\w/]+)` \| (.*) \|$/gm)]
    .map(([, room, imports]) => [room, namesIn(imports)] as const)
    .filter(([room]) => room in importTable);
  const table = shown.slice(-Object.keys(importTable).length);
  expect(Object.fromEntries(table)).toEqual(importTable);
});

function namesIn(imports: string): string[] {
  return [...imports.matchAll(/`([^`]+)`|\*(\w+)\*/g)].flatMap(([, name, part]) => name ?? parts[part]);
}
