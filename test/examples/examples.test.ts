/** Each example runs as a user would run it, and the README shows one of them as it is. */

import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const examples = await readdir(join(root, "examples"));

test.each(examples)("%s runs and says that the loss falls", { timeout: 120_000 }, async (name) => {
  const folder = await mkdtemp(join(tmpdir(), "galatea-example-"));
  const words = ["--import", "./scripts/typescript.mjs", join("examples", name), join(folder, "run")];
  // Without what makes the loader stand back for vitest.
  const { VITEST: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root, env }).finally(() =>
    rm(folder, { recursive: true, force: true }),
  );
  const losses = [...stdout.matchAll(/loss (\d+\.\d)/g)].map(([, loss]) => Number(loss));
  expect(losses.length).toBeGreaterThan(10);
  // Below 170 nats codes carry most of the digit; an untrained model starts above 500.
  expect(losses[0]).toBeGreaterThan(400);
  expect(losses.at(-1)).toBeLessThan(170);
});

test.each(examples)("%s is short and uses public names only", async (name) => {
  const text = await readFile(join(root, "examples", name), "utf8");
  expect(text.split("\n").length).toBeLessThan(60);
  const sources = [...text.matchAll(/from "([^"]+)"/g)].map(([, source]) => source);
  for (const source of sources) expect(source).toMatch(/^(galatea(\/\w+)?|node:\w+)$/);
});

test("the README's example is examples/own-vae.ts, of at most 25 lines", async () => {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const [, shown] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  expect(shown).toBe(await readFile(join(root, "examples/own-vae.ts"), "utf8"));
  expect(shown.trimEnd().split("\n").length).toBeLessThanOrEqual(25);
});
