import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { readAlignedFiles, readTextFile, readTexts } from "./index.ts";
import { testFiles } from "./text-folder.fixture.ts";

const { fileOf, folderOf } = testFiles(onTestFinished);

describe("text files", () => {
  test("plain or gzip; a byte order mark is no text, line ends are", async () => {
    expect(await readTextFile(await fileOf("a.txt", "\ufeffé\r\nb"))).toBe("é\r\nb");
    expect(await readTextFile(await fileOf("a.txt.gz", gzipSync("ü")))).toBe("ü");
  });
  test.each<[string, Uint8Array, RegExp]>([
    [
      "Latin-1",
      Buffer.from("one\ntwo gr\u00fc\u00dfe", "latin1"),
      /byte 10 \(fc, in line 2\) is no UTF-8; text in UTF-8:/,
    ],
    ["cut off", Uint8Array.of(0x61, 0xe2, 0x82), /byte 1 \(e2, in line 1\) is no UTF-8/],
    ["half a surrogate pair", Uint8Array.of(0x61, 0xed, 0xa0, 0x80), /byte 1 \(ed, in line 1\)/],
    ["spelled too long", Uint8Array.of(0xc0, 0xaf), /byte 0 \(c0, in line 1\)/],
    ["a lone continuation", Uint8Array.of(0xc3, 0xa9, 0xa9), /byte 2 \(a9, in line 1\)/],
    ["beyond Unicode", Uint8Array.of(0xf5, 0x80, 0x80, 0x80), /byte 0 \(f5, in line 1\)/],
    [
      "binary",
      Uint8Array.of(0x00, 0x01, 0xff, 0x00),
      /byte 2 \(ff, in line 1\) is no UTF-8; it looks like a binary file/,
    ],
    ["UTF-16", Buffer.from("\ufeffab", "utf16le"), /the text is UTF-16 \(little-endian\) by its first two bytes/],
    ["empty", new Uint8Array(), /a\.txt: the file is empty; a file with text/],
    ["blank", Buffer.from(" \n\n"), /a\.txt: the file holds nothing but white space/],
    ["broken gzip", gzipSync("text").subarray(0, 12), /the gzip data ends too early/],
  ])("%s is refused", async (_, bytes, message) => {
    await expect(readTextFile(await fileOf("a.txt", bytes))).rejects.toThrow(message);
  });
  test("all text files of a folder, in order, empty and hidden ones left out", async () => {
    const folder = await folderOf({
      "b/c.md": "three",
      "a.txt": "one",
      "b/a.TXT.gz": gzipSync("two"),
      "b/empty.txt": "",
      ".hidden/x.txt": "no",
      "b/.x.txt": "no",
      "image.png": Uint8Array.of(0xff),
    });
    expect(await readTexts(folder)).toEqual([
      { name: "a.txt", text: "one" },
      { name: "b/a.TXT.gz", text: "two" },
      { name: "b/c.md", text: "three" },
    ]);
    expect(await readTexts(join(folder, "a.txt"))).toEqual([{ name: "a.txt", text: "one" }]);
  });
  test("no text at all is refused", async () => {
    await expect(readTexts(await folderOf({ "a.png": "x" }))).rejects.toThrow(
      "the folder holds no text files; a text file",
    );
    await expect(readTexts(await folderOf({ "a.txt": "", "b.txt": " " }))).rejects.toThrow(
      "all 2 text files are empty",
    );
    await expect(readTexts("/no/such/folder")).rejects.toThrow("/no/such/folder: cannot be read: it does not exist");
    const broken = await folderOf({ "a.txt": "good", "b.txt": Uint8Array.of(0xff) });
    await expect(readTexts(broken)).rejects.toThrow(/b\.txt: byte 0 \(ff, in line 1\) is no UTF-8/);
  });
});

describe("aligned files", () => {
  test("give pairs; lines empty on both sides are left out", async () => {
    const folder = await folderOf({ "a.de": "eins\r\nzwei\r\n\r\ndrei\r\n", "a.en.gz": gzipSync("one\ntwo\n\nthree") });
    expect(await readAlignedFiles(join(folder, "a.de"), join(folder, "a.en.gz"))).toEqual([
      { source: "eins", target: "one" },
      { source: "zwei", target: "two" },
      { source: "drei", target: "three" },
    ]);
  });
  test("a line that is empty on one side only is refused", async () => {
    const folder = await folderOf({ de: "eins\nzwei\n", en: "one\n\n" });
    await expect(readAlignedFiles(join(folder, "de"), join(folder, "en"))).rejects.toThrow(
      /en:2: the line is empty, and that of .*de is "zwei"; remove the line from both files, or fill it$/,
    );
  });
  // Lines of 5, 12, 19, 3, 10 ... characters.
  const lines = Array.from({ length: 24 }, (_, i) => `${i} `.padEnd(3 + ((2 + 7 * i) % 23), "x"));
  test("different numbers of lines: both, and where some are missing", async () => {
    const folder = await folderOf({
      all: lines.join("\n"),
      tenth: lines.filter((_, i) => i !== 9).join("\n"),
      two: lines.filter((_, i) => i < 4 || i > 5).join("\n"),
      last: lines.slice(0, -1).join("\n"),
    });
    const read = (source: string, target: string) => readAlignedFiles(join(folder, source), join(folder, target));
    await expect(read("all", "tenth")).rejects.toThrow(
      new RegExp(
        "all: 24 lines, and .*tenth has 23: by the lengths of lines, 1 line seems to be missing from .*tenth near line 10, " +
          '"10 x+" beside "9 x+"; both files need a line for each pair$',
      ),
    );
    await expect(read("two", "all")).rejects.toThrow(
      /two: 22 lines, and .*all has 24: .*, 2 lines seem to be missing from .*two near line 5, "6 x+" beside "4 x+"/,
    );
    await expect(read("last", "all")).rejects.toThrow(
      /last: 23 lines, and .*all has 24: by the lengths of lines, the lines after 23 seem to be missing from .*last;/,
    );
  });
});
