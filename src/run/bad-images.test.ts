/** Folders of images as people have them: odd ones train, or are refused with a reason. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeEach, expect, test } from "vitest";
import { createCpuBackend } from "../platform/node/index.ts";
import type { TrainEvent } from "./events.ts";
import { findPreset, loadImageFolder, parseConfig, train } from "./index.ts";

const backend = createCpuBackend({ threads: 1 });
const root = mkdtempSync(join(tmpdir(), "galatea-odd-"));
afterAll(async () => {
  await backend.dispose();
  rmSync(root, { recursive: true, force: true });
});

let folder: string;
let count = 0;
beforeEach(() => {
  folder = join(root, `${count++}`);
  mkdirSync(folder);
});

async function save(name: string, channels: 1 | 3 | 4, value = 100): Promise<void> {
  const path = join(folder, "images", name);
  mkdirSync(dirname(path), { recursive: true });
  const data = Uint8Array.from({ length: 64 * channels }, (_, i) => (value + 40 * (i % channels)) % 256);
  const image = sharp(data, { raw: { width: 8, height: 8, channels } });
  await (channels === 1 ? image.toColourspace("b-w") : image).png().toFile(path);
}

const small = { steps: 2, hidden: [8], latent: 2, components: 2 };

/** Trains two steps on the folder's images. */
async function trainOn(preset: string, settings: Readonly<Record<string, unknown>>): Promise<TrainEvent[]> {
  const found = findPreset(preset);
  const config = parseConfig(found.schema, settings);
  const data = await loadImageFolder(join(folder, "images"));
  const events: TrainEvent[] = [];
  for await (const event of train({ backend, preset: found, config, data, directory: join(folder, "run") })) {
    events.push(event);
  }
  return events;
}

const warnings = (events: readonly TrainEvent[]): string[] =>
  events.flatMap((event) => (event.type === "warning" ? [event.message] : []));

test("grey, colour and transparent images together", async () => {
  for (let i = 0; i < 4; i++) {
    await save(`grey-${i}.png`, 1, 20 * i);
    await save(`colour-${i}.png`, 3, 20 * i);
    await save(`clear-${i}.png`, 4, 20 * i);
  }
  const events = await trainOn("digits/vae", { ...small, batchSize: 4 });
  expect(events.at(-1)).toMatchObject({ type: "finished", step: 2 });
  expect(warnings(events)).toContain("4 of 12 images had an alpha channel: laid on white");
  expect(warnings(events).join()).toMatch(/of 12 images were grey: turned to RGB/);
});

test("a single image is trained on, and a note says that nothing is held out", async () => {
  await save("only.png", 3);
  const events = await trainOn("digits/vae", { ...small, batchSize: 1 });
  expect(events.at(-1)).toMatchObject({ type: "finished" });
  expect(warnings(events)).toEqual([
    "1 example(s) are too few to hold any out: validation and test are the training data",
  ]);
});

test("a class with one example trains, and a note names it", async () => {
  for (let i = 0; i < 9; i++) await save(`many/${i}.png`, 3, 20 * i);
  await save("lonely/a.png", 3);
  const events = await trainOn("digits/cvae", { ...small, batchSize: 4 });
  expect(events.at(-1)).toMatchObject({ type: "finished" });
  expect(warnings(events)).toContain("1 class(es) have a single example, too few to be learned or held out: lonely");
});

test("a model that is told labels refuses images without; one that may be told does without", async () => {
  for (let i = 0; i < 10; i++) await save(`${i}.png`, 1, 20 * i);
  await expect(trainOn("digits/cvae", { ...small, batchSize: 4 })).rejects.toMatchObject({
    code: "data",
    message: "images train: its fields are image; the preset needs labels: a folder of images for each class",
  });
  const { schema, build } = findPreset("digits/diffusion");
  const { train: examples } = await loadImageFolder(join(folder, "images"));
  const family = build(parseConfig(schema, { conditional: true }), examples);
  expect(Object.keys(family.inputs)).toEqual(["image"]);
  expect(family.conditions).toBeUndefined();
});

test("a batch larger than the data, and a latent of no size", async () => {
  for (let i = 0; i < 10; i++) await save(`${i}.png`, 1, 20 * i);
  await expect(trainOn("digits/vae", { ...small, batchSize: 9 })).rejects.toMatchObject({
    code: "config",
    message: "batchSize: 9 is out of range; a whole number from 1 to the number of training examples, 8",
  });
  await expect(trainOn("digits/vae", { ...small, latent: 0 })).rejects.toMatchObject({
    code: "config",
    message: "latent: is 0; it must be a whole number at least 1, at most 4096",
  });
});
