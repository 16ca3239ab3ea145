import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolveData } from "../catalog.ts";
import { loadPath } from "../path.ts";
import { tellersOf } from "../tellers.ts";
import type { CaptionReading } from "./caption-splits.ts";
import { loadCaptions } from "./load-captions.ts";
import { captionsOf } from "./scene.ts";
import { sceneOf } from "./scenes.ts";

const folder = mkdtempSync(join(tmpdir(), "galatea-captions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const reading: CaptionReading = {
  tokenizer: "words",
  vocabulary: 100,
  minimumFrequency: 1,
  lowerCase: true,
  targetPlaces: 6,
  longer: "refuse",
  file: "file",
  caption: "caption",
};

const at = (name: string): string => join(folder, name);

/** A folder of 20 images, each of one grey, of two captions each, with other rows in its table. */
function album(name: string, table: (rows: readonly string[]) => string | undefined): string {
  mkdirSync(at(`${name}/more`), { recursive: true });
  const rows: string[] = [];
  for (let i = 0; i < 20; i++) {
    const file = `${i < 10 ? "" : "more/"}${i}.png`;
    writeFileSync(at(`${name}/${file}`), images[i]);
    rows.push(`${file},Grey number ${i}`, `${file},"a flat ${i}"`);
  }
  const text = table(rows);
  if (text !== undefined) writeFileSync(at(`${name}/captions.csv`), text);
  return at(name);
}

let images: readonly Buffer[] = [];
beforeAll(async () => {
  const make = (i: number): Promise<Buffer> =>
    sharp({ create: { width: 12, height: 10, channels: 3, background: { r: 10 * i, g: 0, b: 5 } } })
      .png()
      .toBuffer();
  images = await Promise.all(Array.from({ length: 20 }, (_, i) => make(i)));
});

const whole = (rows: readonly string[]): string => `file,caption\n${rows.join("\n")}\n`;

test("images become pixels and captions tokens; those of an image stay in one split", async () => {
  const data = await loadCaptions(album("whole", whole), { reading, size: [8, 8] });
  expect([data.train.count, data.validation.count, data.test.count]).toEqual([32, 2, 2]);
  expect(data.train.fields).toEqual({
    image: { dtype: "uint8", shape: [3, 8, 8] },
    target: { dtype: "int32", shape: [6] },
  });
  const seen = new Map<string, Set<string>>();
  for (const split of ["train", "validation", "test"] as const) {
    const dataset = data[split];
    const { image, target } = await dataset.gather(Array.from({ length: dataset.count }, (_, i) => i));
    for (let i = 0; i < dataset.count; i++) {
      const number = (image[192 * i] as number) / 10;
      const { end = 0 } = data.tokenizers?.target.specialTokens ?? {};
      const ids = Array.from((target as Int32Array).slice(6 * i, 6 * i + 6));
      const text = data.tokenizers?.target.decode(ids.slice(0, ids.indexOf(end))) ?? "";
      if (split === "train") expect(text).toMatch(new RegExp(`^(grey number|a flat) ${number}$`));
      // Words of held-out images may be unknown, but their captions are kept as they stood.
      expect(dataset.texts?.target[i]).toEqual([`Grey number ${number}`, `a flat ${number}`]);
      seen.set(split, (seen.get(split) ?? new Set()).add(`${number}`));
    }
  }
  expect([...seen.values()].reduce((sum, { size }) => sum + size, 0)).toBe(20);
  expect(new Set([...seen.values()].flatMap((numbers) => [...numbers])).size).toBe(20);
  expect(data.notes).toContain(
    "20 of 20 images had another size: cut to the proportions of 8 x 8 around the middle and resized",
  );
});

test("a reading with captions takes a folder for one of captions; tokenizers of a run are used again", async () => {
  const first = await loadPath(album("again", whole), { captions: reading, size: [8, 8] });
  const { tokenizers } = first;
  if (!tokenizers) throw new Error("no tokenizers");
  const again = await loadPath(at("again"), { captions: { ...reading, tokenizers }, size: [8, 8] });
  expect(again.tokenizers?.target).toBe(tokenizers.target);
});

test("images without captions and damaged ones are left out, and it is said", async () => {
  const path = album("partly", (rows) => whole(rows.slice(0, 30)));
  writeFileSync(join(path, "3.png"), "no image");
  const { notes, description } = await loadCaptions(path, { reading, size: [8, 8] });
  expect(notes.join("\n")).toMatch(/skipped 1 image\(s\) that cannot be decoded: 3\.png/);
  expect(notes).toContain("warning: left out 5 image(s) of which the table says nothing");
  expect(description).toBe("14 images of 8 x 8 with 28 captions");
});

test("what cannot be right is refused", async () => {
  const refuse = async (
    name: string,
    table: Parameters<typeof album>[1],
    message: string,
    other: Partial<CaptionReading> = {},
  ): Promise<void> => {
    const path = album(name, table);
    await expect(loadCaptions(path, { reading: { ...reading, ...other }, size: [8, 8] })).rejects.toThrow(message);
  };
  await refuse("no-table", () => undefined, "says nothing of its images; a table captions.csv");
  await refuse("no-column", (rows) => `image,caption\n${rows.join("\n")}`, 'there is no column "file"');
  await refuse("empty", (rows) => `${whole(rows)}1.png, \n`, 'captions.csv:42: column "caption" is empty');
  await refuse("nothing", () => "file,caption\n", "there are names of columns and no rows");
  await refuse("missing", (rows) => whole([...rows, "nowhere.png,x", "z.png,x"]), "there is no image nowhere.png in");
  await refuse("missing2", (rows) => whole([...rows, "nowhere.png,x", "z.png,x"]), "and 1 more rows name images");
  await refuse("long", whole, "has 4 tokens with its end: ", { targetPlaces: 3 });
  await expect(loadCaptions(at("nowhere"), { reading })).rejects.toThrow("cannot be read");
});

test("a table with other names of columns, and captions that are cut", async () => {
  const path = album("named", (rows) => `picture,said\n${rows.join("\n")}`);
  const own = { ...reading, file: "picture", caption: "said", targetPlaces: 2, longer: "cut" } as const;
  expect((await loadCaptions(path, { reading: own, size: [8, 8] })).train.fields.target.shape).toEqual([2]);
});

test("a person tells an image by its path", async () => {
  album("told", whole);
  const fields = { image: { dtype: "uint8", shape: [3, 4, 4] } } as const;
  const { image } = tellersOf({ captions: reading }, { fields, tokenizers: {} });
  const silent = (): void => undefined;
  const { fields: told } = await image.read(at("told/7.png"), silent);
  expect(Array.from(told.image as Uint8Array).slice(0, 1)).toEqual([70]);
  expect(told.image).toHaveLength(48);
  await expect(image.read(at("told"), silent)).rejects.toThrow("is a folder; name one image");
  await expect(image.read(at("told/none.png"), silent)).rejects.toThrow("none.png");
});

test("scenes are a data set by name, whose captions are all known", async () => {
  const data = await resolveData("scenes", { reading: { captions: { ...reading, targetPlaces: 24 }, size: [64, 64] } });
  expect(data.test.fields.image.shape).toEqual([3, 64, 64]);
  expect(data.test.texts?.target[5]).toEqual(captionsOf(sceneOf("test", 5)));
  const { image } = await data.test.gather([5, 5]);
  expect(image.slice(0, 12_288)).toEqual(image.slice(12_288));
  await expect(resolveData("scenes", {})).rejects.toThrow("it is images with captions");
});
