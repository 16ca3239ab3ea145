/** What people do with a trained run: denoise, find odd images, fill in, change style, interpolate, augment. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { digitImages, events, galatea, type Outcome, pairs, temporaryFolder, tiny } from "./galatea.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const [vae, denoiser, cvae, pixelCnn] = ["vae", "denoiser", "cvae", "pixelcnn"].map(at);
const photos = at("photos");
const digit = join(photos, "good", "0.png");

const quick = pairs({ evaluateEvery: 0, sampleEvery: 0, checkpointEvery: 0 });
const small = ["--threads", "1", ...quick, ...pairs({ batchSize: 8 })];

/** Trains on the first digits, a hundred of which judge. */
async function train(preset: string, out: string, steps: number, ...words: string[]): Promise<void> {
  const all = ["train", preset, "--data", "digits#first=100", "--out", out, "--steps", String(steps), ...words];
  const { code, stderr } = await galatea(all);
  expect(stderr).not.toContain("galatea:");
  expect(code).toBe(0);
}

/** Twelve digits as PNG files in two folders, and one file that is no image. */
async function writePhotos(): Promise<void> {
  const pixels = digitImages("t10k", 12).subarray(16);
  for (const label of ["good", "bad"]) mkdirSync(join(photos, label), { recursive: true });
  for (let i = 0; i < 12; i++) {
    const bytes = pixels.subarray(784 * i, 784 * (i + 1));
    const image = sharp(bytes, { raw: { width: 28, height: 28, channels: 1 } });
    await image.png().toFile(join(photos, i < 8 ? "good" : "bad", `${i}.png`));
  }
  mkdirSync(at("broken"));
  writeFileSync(join(at("broken"), "a.png"), "no image");
}

beforeAll(async () => {
  await Promise.all([
    writePhotos(),
    train("digits/vae", vae, 30, ...tiny, ...quick),
    train("digits/denoising-vae", denoiser, 100, ...tiny, ...quick, ...pairs({ learningRate: 0.01 })),
    train("digits/cvae", cvae, 30, ...tiny, ...quick),
  ]);
  await train("digits/pixelcnn", pixelCnn, 2, ...small, ...pairs({ channels: 4, layers: 1 }));
}, 120_000);

/** The one object that a command printed. */
function resultOf({ code, stdout, stderr }: Outcome): Readonly<Record<string, unknown>> {
  expect(stderr).not.toContain("galatea:");
  expect(code).toBe(0);
  const found = events(stdout);
  expect(found).toHaveLength(1);
  return found[0];
}

function expectRefusal({ code, stderr }: Outcome, exitCode: number, message: string): void {
  const lines = stderr.trim().split("\n");
  expect(lines.at(-1)).toMatch(/^galatea: /);
  expect(lines.at(-1)).toContain(message);
  expect(code).toBe(exitCode);
}

describe("denoise", () => {
  test("a folder: each image under its name, and an overview", async () => {
    const out = at("denoised");
    const outcome = await galatea(["denoise", denoiser, "--data", photos, "--out", out, "--json"]);
    expect(resultOf(outcome)).toEqual({ images: 12, folder: out });
    const { width, height, channels } = await sharp(join(out, "good", "0.png")).metadata();
    expect([width, height, channels]).toEqual([28, 28, 1]);
    expect(existsSync(join(out, "bad", "11.png"))).toBe(true);
    expect((await sharp(join(out, "overview.png")).metadata()).width).toBeGreaterThan(12 * 28);
  });

  test("--judge compares with the noisy images and a median; even a little training beats strong noise", async () => {
    const words = ["denoise", denoiser, "--data", "digits", "--limit", "8", "--judge", "--noise", "0.5"];
    const outcome = await galatea([...words, "--json"]);
    const judged = resultOf(outcome) as Record<"noisy" | "median" | "model", Record<"psnr" | "ssim", number>>;
    expect(judged).toMatchObject({ images: 8, noise: 0.5, folder: join(denoiser, "denoise") });
    expect(judged.model.psnr).toBeGreaterThan(judged.noisy.psnr + 0.5);
    expect(existsSync(join(denoiser, "denoise", "000007.png"))).toBe(true);
    const { stdout } = await galatea(words);
    expect(stdout).toMatch(/median 3 x 3 +\d+\.\d\d dB/);
  });

  test("what cannot be done is refused", async () => {
    expectRefusal(await galatea(["denoise", vae, "--data", photos]), 2, "digits/vae: cannot denoise; train");
    expectRefusal(await galatea(["denoise", denoiser, "--noise", "3"]), 2, "a number from 0.001 to 2");
    const broken = await galatea(["denoise", denoiser, "--data", at("broken")]);
    expectRefusal(broken, 1, "none of its images can be decoded");
    const file = await galatea(["denoise", denoiser, "--data", join(at("broken"), "a.png")]);
    expectRefusal(file, 1, "none of its images can be decoded");
    expectRefusal(await galatea(["denoise", denoiser, "--data", at("nowhere")]), 1, "there is no file or folder");
    expectRefusal(await galatea(["denoise", at("nowhere")]), 1, "holds no run");
  });
});

describe("anomaly", () => {
  test("a folder with normal and odd images: scores of each, and how well each score tells", async () => {
    const out = at("odd");
    const words = ["anomaly", vae, "--data", photos, "--normal", "good", "--out", out];
    const { images, auroc } = resultOf(await galatea([...words, "--json"])) as {
      images: number;
      auroc: Record<string, number>;
    };
    expect(images).toBe(12);
    for (const name of ["likelihood", "squaredError"]) expect(auroc[name]).toBeGreaterThanOrEqual(0);
    const lines = readFileSync(join(out, "scores.csv"), "utf8").trim().split("\n");
    expect(lines[0]).toMatch(/^image,label,.*likelihood/);
    expect(lines).toHaveLength(13);
    expect(lines[1]).toMatch(/^bad\/10\.png,bad,\d/);
    expect(existsSync(join(out, "overview.png"))).toBe(true);
    const people = await galatea(words);
    expect(people.stdout).toContain("The oddest of 12 images");
    expect(people.stdout).toContain("Area under the ROC curve");
  });

  test("a data set without one of its labels: the test split has it still", async () => {
    const words = ["anomaly", vae, "--data", "digits#without=7", "--normal", "0,1,2,3,4,5,6,8,9", "--limit", "20"];
    const { auroc } = resultOf(await galatea([...words, "--json"])) as { auroc: object };
    expect(Object.keys(auroc)).toContain("likelihood");
  });

  test("labels that no image has", async () => {
    const words = ["anomaly", vae, "--data", photos, "--normal"];
    expectRefusal(
      await galatea([...words, "fine"]),
      2,
      "no image has the label fine; the images' labels are bad, good",
    );
    expectRefusal(await galatea([...words, "good,bad"]), 2, "none of the images is odd");
  });
});

describe("inpaint", () => {
  test("what is known stays, the box is made anew", async () => {
    const out = at("filled");
    const words = ["inpaint", pixelCnn, "--data", digit, "--condition", "label=7", "--out", out];
    const outcome = await galatea([...words, "--box", "0.5,0,0.5,1", "--json"]);
    expect(resultOf(outcome)).toEqual({ images: 1, folder: out });
    const read = (path: string): Promise<Buffer> => sharp(path).toColourspace("b-w").raw().toBuffer();
    const [before, after] = [await read(digit), await read(join(out, "0.png"))];
    const differs = (left: number, right: number): boolean =>
      before.some((value, i) => i % 28 >= left && i % 28 < right && Math.abs(value - after[i]) > 2);
    expect(differs(0, 14)).toBe(false);
    expect(differs(14, 28)).toBe(true);
  });

  test("by an image as mask, with a model of pixels, on a data set", async () => {
    const mask = at("mask.png");
    const black = { width: 28, height: 28, channels: 3 as const, background: "black" };
    await sharp({ create: black }).png().toFile(mask);
    const words = ["inpaint", pixelCnn, "--limit", "2", "--mask", mask, "--json"];
    expect(resultOf(await galatea(words))).toEqual({ images: 2, folder: join(pixelCnn, "inpaint") });
    expect(existsSync(join(pixelCnn, "inpaint", "000001.png"))).toBe(true);
  });

  test.each([
    ["0.5,0,0.6,1", "within it"],
    ["0,0,1", "left,top,width,height"],
    ["0,0,0,1", "nothing is missing"],
    ["a,b,c,d", "got a,b,c,d"],
  ])("--box %s is refused", async (box, message) => {
    const words = ["inpaint", pixelCnn, "--data", digit, "--condition", "label=7", "--box", box];
    expectRefusal(await galatea(words), 2, message);
  });

  test("a mask that is no image; a model that cannot", async () => {
    const words = ["inpaint", pixelCnn, "--data", digit, "--condition", "label=7"];
    const unlabelled = await galatea(words.slice(0, 4));
    expectRefusal(unlabelled, 1, "0.png: it lies in no sub-folder; say what the images show: --condition");
    expectRefusal(await galatea([...words, "--mask", join(at("broken"), "a.png")]), 1, "can be decoded");
    expectRefusal(await galatea([...words, "--mask", at("none.png")]), 1, "does not exist");
    expectRefusal(await galatea(["inpaint", vae, "--data", digit]), 2, "cannot fill in images");
  });
});

describe("interpolate", () => {
  test("from seed to seed, and from image to image as an animation", async () => {
    const way = at("way.png");
    expect((await galatea(["interpolate", vae, "--from", "3", "--to", "8", "-n", "5", "--out", way])).code).toBe(0);
    expect((await sharp(way).metadata()).width).toBeGreaterThan(5 * 28);
    const moving = at("way.webp");
    const other = join(photos, "bad", "9.png");
    const words = ["interpolate", vae, "--from", digit, "--to", other, "-n", "4", "--out", moving];
    expect((await galatea(words)).stdout).toBe(`4 images in ${moving}\n`);
    expect((await sharp(moving).metadata()).pages).toBe(4);
  });

  test("towards an attribute", async () => {
    const path = at("toward.png");
    const words = ["interpolate", vae, "--from", digit, "--toward", "3", "-n", "4", "--out", path];
    expect((await galatea(words)).code).toBe(0);
    expect(existsSync(path)).toBe(true);
  });

  test("ends that are none", async () => {
    expectRefusal(
      await galatea(["interpolate", vae, "--from", photos]),
      2,
      "holds 12 images; name one image, or a seed",
    );
    expectRefusal(await galatea(["interpolate", vae, "--from", at("no.png")]), 1, "does not exist");
    expectRefusal(await galatea(["interpolate", vae, "--toward", "3"]), 2, "--toward changes an image");
    const unknown = ["interpolate", vae, "--from", digit, "--toward", "eleven"];
    expectRefusal(await galatea(unknown), 2, "has no label eleven");
    expectRefusal(await galatea(["interpolate", pixelCnn]), 2, "cannot decode codes");
  });
});

describe("style", () => {
  test("a run that knows no styles is refused", async () => {
    expectRefusal(await galatea(["style", vae, "--data", photos]), 2, "cannot change styles; train style/cyclegan");
  });
});

describe("augment", () => {
  const words = ["augment", cvae, "--data", "digits#first=300", "--seeds", "2", "--steps", "2"];

  test("says accuracies with and without generated images, their spread, and a verdict", async () => {
    const outcome = await galatea([...words, "--per-class", "5", "--added", "3", "--json"]);
    const found = resultOf(outcome) as { accuracies: object[]; verdict: string };
    expect(found).toMatchObject({ real: 50, generated: 30, tested: 10_000, seeds: 2 });
    expect(found.accuracies).toHaveLength(2);
    expect(["better", "worse", "no difference"]).toContain(found.verdict);
    expect(outcome.stderr).toContain("warning: the run learned from 100 examples of digits#first=100");
  });

  test("what it cannot compare", async () => {
    expectRefusal(await galatea(["augment", vae]), 2, "cannot make images of a given label");
    expectRefusal(await galatea([...words, "--seeds", "1"]), 2, "a whole number from 2 to 100");
    expectRefusal(
      await galatea(["augment", cvae, "--data", photos]),
      1,
      "its labels are bad, good; the run knows 0, 1",
    );
  });
});
