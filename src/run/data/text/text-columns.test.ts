import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { readTextColumns, readTextPairs } from "./index.ts";
import { testFiles } from "./text-folder.fixture.ts";

const { fileOf } = testFiles(onTestFinished);

describe("tables", () => {
  test("CSV with names, quoted over several lines; by commas or by semicolons", async () => {
    const rows = 'id,source,target\n1,"Hello; ""you""\nthere",Hallo\n2,a,b\n';
    expect(await readTextPairs(await fileOf("a.csv", `\ufeff${rows}`))).toEqual([
      { source: 'Hello; "you"\nthere', target: "Hallo" },
      { source: "a", target: "b" },
    ]);
    expect(await readTextPairs(await fileOf("a.csv", "de;en\nja, gut;yes\n"), { source: "de", target: "en" })).toEqual([
      { source: "ja, gut", target: "yes" },
    ]);
  });
  test("TSV is never quoted; without names columns have numbers", async () => {
    const path = await fileOf("a.tsv", "l'\"abîme\ta b i m\r\nx\ty\r\n");
    expect(await readTextPairs(path, { source: 1, target: 2 })).toEqual([
      { source: "l'\"abîme", target: "a b i m" },
      { source: "x", target: "y" },
    ]);
    expect(await readTextColumns(await fileOf("a.tsv", "p\tq\n1\t2\n"), { first: "q", second: 1 })).toEqual([
      { first: "2", second: "1" },
    ]);
  });
  test("JSONL with any names", async () => {
    const path = await fileOf(
      "a.jsonl.gz",
      gzipSync('{"body": "a\\nb", "subject": 5}\r\n\n{"subject": "s", "body": "c"}'),
    );
    expect(await readTextColumns(path, { source: "body", target: "subject" })).toEqual([
      { source: "a\nb", target: "5" },
      { source: "c", target: "s" },
    ]);
  });
  test.each([
    ["a.csv", "x,y\n1,2\n", /a\.csv:2: there is no column "source"; one of "x", "y", 1, 2$/],
    ["a.csv", "source,target\n1\n", /a\.csv:2: the row has 1 cells; 2, as in the first line/],
    ["a.csv", "source,target\n", /a\.csv: there are names of columns and no rows/],
    ["a.csv", "source,target\na,\n", /a\.csv:2: column "target" is empty; every row needs a text there/],
    ["a.csv", 'source,target\na,"b\n', /a\.csv: is no readable table: Quote Not Closed/],
    ["a.jsonl", '{"source": "a", "target": "b"}\n{', /a\.jsonl:2: is no JSON: /],
    ["a.jsonl", "[1]", /a\.jsonl:1: is no object; one object in each line/],
    ["a.jsonl", '{"source": "a"}', /a\.jsonl:1: there is no column "target"; one of "source"/],
    ["a.jsonl", '{"source": "a", "target": null}', /a\.jsonl:1: column "target" holds null; a text or a number/],
    ["a.txt", "a", /a\.txt: its name does not say what it is; a \.csv, \.tsv or \.jsonl file/],
    ["a.csv", "", /a\.csv: the file is empty/],
  ])("%s of %j is refused", async (name, content, message) => {
    await expect(readTextPairs(await fileOf(name, content))).rejects.toThrow(message);
  });
});
