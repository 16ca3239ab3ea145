import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeBinaryTable, loadBinaryTable } from "./binary-table.ts";
import { resolveData } from "./catalog.ts";
import { loadPath } from "./path.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "galatea-binary-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function put(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
}

describe("decodeBinaryTable", () => {
  test.each([
    ["unix lines", "0,1,1\n1,0,0\n"],
    ["no end of the last line", "0,1,1\n1,0,0"],
    ["windows lines", "0,1,1\r\n1,0,0\r\n"],
    ["empty lines at the end", "0,1,1\n1,0,0\n\n\n"],
  ])("reads %s", (_, text) => {
    const table = decodeBinaryTable(bytes(text), "t.csv");
    expect(table).toEqual({ count: 2, width: 3, data: Uint8Array.of(0, 1, 1, 1, 0, 0) });
  });

  test("reads one column", () => {
    expect(decodeBinaryTable(bytes("0\n1\n1\n"), "t.csv")).toMatchObject({ count: 3, width: 1 });
  });

  const right = "each is 0 or 1, with commas between and no header";
  test.each([
    ["", "t.csv: the file is empty; lines of 0 and 1 between commas"],
    ["\n\n", "t.csv: the file is empty; lines of 0 and 1 between commas"],
    ["0,1\n1,2\n", `t.csv, line 2, column 2: the value "2"; ${right}`],
    ["a,b\n1,0\n", `t.csv, line 1, column 1: the value "a"; ${right}`],
    ["0,1\n1,0.5\n", `t.csv, line 2, column 2: the value "0.5"; ${right}`],
    ["0,10\n", `t.csv, line 1, column 2: the value "10"; ${right}`],
    ["0,,1\n", `t.csv, line 1, column 2: an empty cell; ${right}`],
    ["0,1,\n", `t.csv, line 1, column 3: an empty cell; ${right}`],
    ["0,1,", `t.csv, line 1, column 3: an empty cell; ${right}`],
    ["0,1\n\n1,0\n", `t.csv, line 2, column 1: an empty cell; ${right}`],
    ["0, 1\n", `t.csv, line 1, column 2: the value " 1"; ${right}`],
    ["0,1\n1\n", "t.csv, line 2: 1 values; line 1 has 2"],
    ["0,1\n1,1,0\n", "t.csv, line 2: 3 values; line 1 has 2"],
  ])("refuses %j", (text, message) => {
    expect(() => decodeBinaryTable(bytes(text), "t.csv")).toThrow(message);
  });
});

describe("loadBinaryTable", () => {
  test("finds the three parts by the name of one, packed or not", async () => {
    await put("small.train.csv.gz", "0,1\n1,1\n0,0\n");
    await put("small.valid.csv", "1,0\n");
    const path = await put("small.test.csv.gz", "1,1\n0,1\n");
    const splits = await loadPath(path);
    expect(splits).toMatchObject({ name: "small", description: "binary vectors of 2", notes: [] });
    expect([splits.train.count, splits.validation.count, splits.test.count]).toEqual([3, 1, 2]);
    expect(splits.train.fields).toEqual({ bits: { dtype: "uint8", shape: [2] } });
    expect(await splits.test.gather([1, 0])).toEqual({ bits: Uint8Array.of(0, 1, 1, 1) });
  });

  test("divides a file that stands alone", async () => {
    const path = await put("alone.bits.csv", Array.from({ length: 20 }, (_, i) => `${i % 2},1\n`).join(""));
    const splits = await loadBinaryTable(path);
    expect([splits.train.count, splits.validation.count, splits.test.count]).toEqual([16, 2, 2]);
  });

  test("says what is missing, does not fit or is damaged", async () => {
    const lonely = await put("lonely.train.csv", "0,1\n");
    await expect(loadBinaryTable(lonely)).rejects.toThrow("there is no lonely.valid.csv beside it");
    const wide = await put("wide.train.csv", "0,1\n");
    await put("wide.valid.csv", "0,1\n");
    await put("wide.test.csv", "0,1,1\n");
    await expect(loadBinaryTable(wide)).rejects.toThrow("its lines have 3 values; those of wide.train.csv have 2");
    const path = join(folder, "cut.csv.gz");
    await writeFile(path, gzipSync("0,1\n1,0\n").subarray(0, 20));
    await expect(loadBinaryTable(path)).rejects.toThrow("the gzip data ends too early");
    await expect(loadBinaryTable(join(folder, "none.csv"))).rejects.toThrow("none.csv");
  });
});

test("named binary data lies in the data folder, and is asked for there", async () => {
  await expect(resolveData("plants", {})).rejects.toThrow(
    "plants: not on this machine; put binary-density/plants.train.csv.gz into the folder that GALATEA_DATA names",
  );
});
