/** The import table bites: a wrong tree is reported rule by rule, a right one is not. */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
  readonly to: string;
}

/** What every tree has: two packages, of which one is for development only. */
const ground: Record<string, string> = {
  "package.json": JSON.stringify({
    name: "galatea",
    type: "module",
    dependencies: { "onnxruntime-node": "1.0.0" },
    devDependencies: { vitest: "1.0.0" },
  }),
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      module: "nodenext",
      allowImportingTsExtensions: true,
      noEmit: true,
      paths: { galatea: ["./src/index.ts"] },
    },
  }),
  "node_modules/onnxruntime-node/package.json": '{ "name": "onnxruntime-node", "main": "index.js" }',
  "node_modules/onnxruntime-node/index.js": "",
  "node_modules/vitest/package.json": '{ "name": "vitest", "main": "index.js" }',
  "node_modules/vitest/index.js": "",
  "node_modules/stray/package.json": '{ "name": "stray", "main": "index.js" }',
  "node_modules/stray/index.js": "",
};

const rightTree: Record<string, string> = {
  "src/index.ts": 'export * from "./core/index.ts"; export * from "./run/index.ts";',
  "src/core/index.ts": 'export * from "./base/index.ts"; export * from "./compile/index.ts";',
  "src/core/base/index.ts": 'export * from "./shape.ts";',
  "src/core/base/shape.ts": "export const a = 1;",
  "src/core/graph/index.ts": 'export { a as node } from "../base/index.ts";',
  "src/core/trace/index.ts": 'export { node as tensor } from "../graph/index.ts";',
  "src/core/compile/index.ts": 'export * from "./pipeline.ts";',
  "src/core/compile/pass.ts": 'export { node as pass } from "../graph/index.ts";',
  "src/core/compile/pipeline.ts": 'export * from "./passes/index.ts";',
  "src/core/compile/passes/index.ts": 'export * from "./dead-code.ts";',
  "src/core/compile/passes/dead-code.ts": 'export { pass as deadCode } from "../pass.ts";',
  "src/engine/index.ts": 'export * from "./backend.ts"; export * from "./interpreter/index.ts";',
  "src/engine/backend.ts": 'export { a as backend } from "../core/index.ts";',
  "src/engine/interpreter/index.ts": 'export { backend as interpreter } from "../backend.ts";',
  "src/learn/nn/index.ts": 'export { tensor as layer } from "../../core/trace/index.ts";',
  "src/learn/models/index.ts": 'export * from "./vae/vae.ts";',
  "src/learn/models/family.ts": 'export { layer as family } from "../nn/index.ts";',
  "src/learn/models/vae/vae.ts": 'export { family as vae } from "../family.ts";',
  "src/platform/node/index.ts": 'import "onnxruntime-node"; import "node:fs"; export * from "../../engine/index.ts";',
  "src/run/index.ts":
    'export * from "./files.ts"; export * from "./data/index.ts"; export * from "../learn/models/index.ts";',
  "src/run/files.ts": 'import "node:fs"; export const files = 1;',
  "src/run/data/index.ts": 'export { files as data } from "../files.ts";',
  "src/run/data/idx.test.ts":
    'import "vitest"; import "../../platform/node/index.ts"; import "../../core/base/shape.ts";',
  "apps/cli/main.ts": 'import "../../src/platform/node/index.ts"; import "../../src/run/index.ts";',
  "examples/first.ts": 'import "galatea";',
  "bench/main.ts": 'import "onnxruntime-node"; import "vitest"; import "../src/index.ts";',
};

/** Wrong files laid over the right tree: the rule that each breaks, the file, the import. */
const wrongs: readonly (readonly [rule: string, file: string, imported: string])[] = [
  ["table:src/core/base", "src/core/base/upward.ts", "../graph/index.ts"],
  ["table:src/core/graph", "src/core/graph/upward.ts", "../trace/index.ts"],
  ["table:src/core/compile/passes", "src/core/compile/passes/sideways.ts", "../../trace/index.ts"],
  ["table:src/engine", "src/engine/upward.ts", "../learn/nn/index.ts"],
  ["table:src/learn/nn", "src/learn/nn/device.ts", "../../platform/node/index.ts"],
  ["table:src/learn/nn", "src/learn/nn/upward.ts", "../models/index.ts"],
  ["table:src/learn/models", "src/learn/models/engine.ts", "../../engine/index.ts"],
  ["table:src/run", "src/run/device.ts", "../platform/node/index.ts"],
  ["table:src/run/data", "src/run/data/sideways.ts", "../other.ts"],
  ["table:src/platform/node", "src/platform/node/upward.ts", "../../run/index.ts"],
  ["table:apps/cli", "apps/cli/server.ts", "../server/index.ts"],
  ["table:src", "src/app.ts", "../apps/cli/main.ts"],
  ["door:src/core/graph", "src/core/graph/deep.ts", "../base/shape.ts"],
  ["door:src/core/compile", "src/core/compile/deep.ts", "./passes/dead-code.ts"],
  ["door:src/run", "src/run/deep.ts", "./data/other.ts"],
  ["door:apps/cli", "apps/cli/deep.ts", "../../src/run/files.ts"],
  ["room-is-listed", "src/learn/extra/index.ts", "../../core/index.ts"],
  ["no-unresolvable", "src/run/typo.ts", "./missing.ts"],
  ["no-unlisted-package", "src/run/stray.ts", "stray"],
  ["no-dev-package-in-product", "src/run/dev.ts", "vitest"],
  ["no-runtime-outside-platform", "src/engine/runtime.ts", "onnxruntime-node"],
  ["no-node-in-browser-rooms", "src/core/base/disk.ts", "node:fs"],
  ["examples-use-public-names", "examples/deep.ts", "../src/run/files.ts"],
  ["no-test-in-product", "src/run/tested.ts", "./data/idx.test.ts"],
  ["no-cycle", "src/core/base/left.ts", "./right.ts"],
];

/** Files that the wrong ones import or that are wrong without an import. */
const wrongExtras: Record<string, string> = {
  "apps/server/index.ts": 'export * from "../../src/index.ts";',
  "src/run/other.ts": 'export * from "../core/index.ts";',
  "src/run/data/other.ts": 'export * from "../../core/index.ts";',
  "src/core/base/right.ts": 'import type {} from "./left.ts";',
  "src/core/base/alone.ts": "export const alone = 1;",
};

const folders: string[] = [];

function violationsOf(files: Record<string, string>): Violation[] {
  const tree = mkdtempSync(join(tmpdir(), "galatea-imports-"));
  folders.push(tree);
  for (const [path, text] of Object.entries({ ...ground, ...files })) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  const tool = fromRoot("node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const config = fromRoot("dependency-cruiser.config.mjs");
  const args = [tool, "--config", config, "--output-type", "json", "src", "apps", "bench", "examples"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: tree, encoding: "utf8" });
  if (!stdout) throw new Error(stderr);
  return (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test("a tree that keeps the table has no violation", () => {
  expect(violationsOf(rightTree)).toEqual([]);
});

describe("a wrong import is reported by the rule's name", () => {
  let violations: Violation[] = [];

  beforeAll(() => {
    const wrongFiles = Object.fromEntries(wrongs.map(([, file, imported]) => [file, `import "${imported}";`]));
    violations = violationsOf({ ...rightTree, ...wrongExtras, ...wrongFiles });
  });

  test.each(wrongs)("%s: %s imports %s", (rule, file) => {
    expect(violations.filter(({ from }) => from === file).map((violation) => violation.rule.name)).toContain(rule);
  });

  test("no-orphan: a file without any import, from it or to it", () => {
    expect(violations.filter(({ from }) => from === "src/core/base/alone.ts").map(({ rule }) => rule.name)).toEqual([
      "no-orphan",
    ]);
  });

  test("the right files of the same tree stay unreported", () => {
    const wrongFiles = new Set([...wrongs.map(([, file]) => file), ...Object.keys(wrongExtras)]);
    expect(violations.filter(({ from }) => !wrongFiles.has(from))).toEqual([]);
  });
});
