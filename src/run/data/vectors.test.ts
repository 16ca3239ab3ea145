import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { loadPath } from "./path.ts";
import { readNumbers } from "./vectors.ts";

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "galatea-vectors-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

test("a table with names becomes vectors, split 80/10/10, every row once", async () => {
  const lines = Array.from({ length: 20 }, (_, i) => `${i},${i / 4},-1e3`);
  const splits = await loadPath(await file("wine.csv.gz", gzipSync(`acid, sugar,salt\n${lines.join("\n")}\n\n`)));
  expect(splits.description).toBe("20 rows of 3 numbers: acid, sugar, salt");
  expect([splits.train.count, splits.validation.count, splits.test.count]).toEqual([16, 2, 2]);
  expect(splits.train.fields).toEqual({ vector: { dtype: "float32", shape: [3] } });
  const seen: number[] = [];
  for (const part of [splits.train, splits.validation, splits.test]) {
    const { vector } = await part.gather(Array.from({ length: part.count }, (_, i) => i));
    for (let i = 0; i < part.count; i++) {
      seen.push(Number(vector[3 * i]));
      expect(vector[3 * i + 1]).toBe(Number(vector[3 * i]) / 4);
      expect(vector[3 * i + 2]).toBe(-1000);
    }
  }
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test("a table without names, with tabs or semicolons", async () => {
  expect(await readNumbers(await file("a.tsv", "1\t2\n3\t4\n"))).toEqual({
    columns: ["column 1", "column 2"],
    rows: [1, 2, 3, 4],
  });
  expect((await readNumbers(await file("a.csv", "x;y\n3;4\n"))).rows).toEqual([3, 4]);
});

test.each([
  ["", /a\.csv: the table is empty; one line of numbers for each row$/],
  ["x,y\n", /a\.csv: there are names of columns and no rows$/],
  ["x,y\n1,2\n3\n", /a\.csv:3: the row has 1 cells; 2, as in the first line$/],
  ["x,y\n1,2\n3,red\n", /a\.csv:3, y: "red" is no number; every cell must be a finite number$/],
  ["x,y\n1,\n", /a\.csv:2, y: a cell is empty; every cell must be a finite number$/],
  ["1,2\n3,NaN\n", /a\.csv:2, column 2: "NaN" is no number/],
  ['x,"y\n1,2\n', /a\.csv: is no readable table: Quote Not Closed/],
])("%j is refused", async (content, message) => {
  await expect(readNumbers(await file("a.csv", content))).rejects.toThrow(message);
});
