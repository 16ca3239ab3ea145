import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openMetricsLog } from "./metrics-log.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "galatea-metrics-"));
  path = join(folder, "metrics.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = (): Promise<string> => readFile(path, "utf8");

test("one object a line, in the order of appending, on disk after a flush", async () => {
  const log = await openMetricsLog(path, 0);
  log.append(1, "train", { loss: 0.5, kl: 2 });
  log.append(1, "validation", { loss: 0.75 });
  expect(await read()).toBe("");
  await log.flush();
  expect(await read()).toBe(
    '{"step":1,"split":"train","loss":0.5,"kl":2}\n{"step":1,"split":"validation","loss":0.75}\n',
  );
  log.append(2, "train", { loss: 0.25 });
  await log.close();
  expect((await read()).split("\n").length).toBe(4);
});

test("numbers that JSON lacks are text", async () => {
  const log = await openMetricsLog(path, 0);
  log.append(3, "train", { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY, d: -0 });
  await log.close();
  expect(JSON.parse(await read())).toEqual({ step: 3, split: "train", a: "NaN", b: "Infinity", c: "-Infinity", d: 0 });
});

test("a resumed run keeps the lines up to its checkpoint and drops later ones and a half one", async () => {
  const lines = [1, 2, 3, 4].map((step) => `{"step":${step},"split":"train","loss":${step / 8}}\n`);
  await writeFile(path, `${lines.join("")}{"step":5,"split":"tr`);
  const log = await openMetricsLog(path, 2);
  expect(await read()).toBe(lines.slice(0, 2).join(""));
  log.append(3, "train", { loss: 9 });
  await log.close();
  expect(await read()).toBe(`${lines.slice(0, 2).join("")}{"step":3,"split":"train","loss":9}\n`);
});

test("a line cut off within a number is not taken for a whole one", async () => {
  await writeFile(path, '{"step":1,"split":"train","loss":1}\n{"step":2');
  await (await openMetricsLog(path, 100)).close();
  expect(await read()).toBe('{"step":1,"split":"train","loss":1}\n');
});

test("lines that are JSON but no record go too", async () => {
  await writeFile(path, 'null\n12\n{"loss":1}\n{"step":1}\n');
  await (await openMetricsLog(path, 100)).close();
  expect(await read()).toBe('{"step":1}\n');
});

test("a run from its first step starts an empty log; a resumed one without a log, too", async () => {
  await writeFile(path, '{"step":1}\n');
  await (await openMetricsLog(path, 0)).close();
  expect(await read()).toBe("");
  await rm(path);
  await (await openMetricsLog(path, 7)).close();
  expect(await read()).toBe("");
});

test("a log that cannot be read is an error, not an empty log", async () => {
  await mkdir(path);
  await expect(openMetricsLog(path, 7)).rejects.toMatchObject({ code: "storage", where: path });
});
