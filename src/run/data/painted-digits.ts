/** Digits painted in colour on paper: a second domain that is made from the first, so that the truth of a translation
 * is known. */

import { foldKey, GalateaError, hashName, type Key, keyFromSeed, randomUniform } from "../../core/base/index.ts";
import { type DataSplits, type Dataset, memoryDataset } from "./dataset.ts";
import { joinDomains } from "./domains.ts";

const side = 32;
const area = side * side;
const paintKey = foldKey(keyFromSeed(0), hashName("painted-digits"));

/**
 * The data set `painted-digits`, from digits: `image` is one half of them, white on black, `target` the other half,
 * painted (see {@link paintDigit}). No digit is in both, unless they are asked for as pairs.
 *
 * Shapes: digits are grey uint8 [1, 28, 28]; `image` and `target` uint8 [3, 32, 32].
 * @param limits of the number of images in each split's domains
 * @param paired whether `target` is the same digit as `image`, painted
 * @throws GalateaError `data` when the digits have another shape.
 */
export async function paintedDigits(
  digits: DataSplits,
  limits = { train: 5000, validation: 500, test: 500 },
  paired = false,
): Promise<DataSplits> {
  const part = async (split: keyof typeof limits, offset: 0 | 1, make: Painter): Promise<Dataset> => {
    const from = digits[split];
    const count = Math.min(limits[split], paired ? from.count : Math.floor(from.count / 2));
    const indices = Array.from({ length: count }, (_, i) => (paired ? i : 2 * i + offset));
    const { image: greys } = await from.gather(indices);
    const data = new Uint8Array(count * 3 * area);
    indices.forEach((index, i) => {
      const grey = (greys as Uint8Array).subarray(i * 784, (i + 1) * 784);
      data.set(make(padded(grey), foldKey(foldKey(paintKey, hashName(split)), index)), i * 3 * area);
    });
    return memoryDataset(from.name, count, { image: { dtype: "uint8", shape: [3, side, side], data } });
  };
  const { shape } = digits.train.fields.image;
  if (shape.join() !== "1,28,28") {
    throw new GalateaError("data", digits.name, `its images are ${shape.join(" x ")}`, "painted are digits of 28 x 28");
  }
  const domain = async (name: string, offset: 0 | 1, make: Painter): Promise<DataSplits> => ({
    name,
    description: "",
    train: await part("train", offset, make),
    validation: await part("validation", offset, make),
    test: await part("test", offset, make),
    notes: [],
  });
  const plain = await domain("digits", 0, whiteOnBlack);
  return joinDomains("painted-digits", plain, await domain("painted digits", 1, paintDigit), paired);
}

/** A grey image [side, side] of 0 to 255 as [3, side, side]. */
type Painter = (grey: Uint8Array, key: Key) => Uint8Array;

/** 28 x 28 in the middle of 32 x 32. */
function padded(grey: Uint8Array): Uint8Array {
  const image = new Uint8Array(area);
  for (let row = 0; row < 28; row++) image.set(grey.subarray(row * 28, row * 28 + 28), (row + 2) * side + 2);
  return image;
}

function whiteOnBlack(grey: Uint8Array): Uint8Array {
  const image = new Uint8Array(3 * area);
  for (const channel of [0, 1, 2]) image.set(grey, channel * area);
  return image;
}

/**
 * A digit painted with a broad brush: its strokes widened by a pixel all around, in one colour of random hue, on paper
 * of a light warm tone with grain.
 *
 * Shapes: grey uint8 [32, 32] -> uint8 [3, 32, 32].
 */
export function paintDigit(grey: Uint8Array, key: Key): Uint8Array {
  let counter = 0;
  const uniform = (low: number, high: number): number => low + (high - low) * randomUniform(key, counter++);
  const ink = colourOf(uniform(0, 6), uniform(0.75, 1), uniform(0.45, 0.75));
  const tone = uniform(0.86, 0.96);
  const paper = [tone, tone * 0.97, tone * 0.88];
  const image = new Uint8Array(3 * area);
  for (let place = 0; place < area; place++) {
    const share = widened(grey, place) / 255;
    const grain = uniform(-0.05, 0.05);
    for (const channel of [0, 1, 2]) {
      const value = (1 - share) * (paper[channel] + grain) + share * (ink[channel] + grain / 2);
      image[channel * area + place] = Math.round(255 * Math.min(1, Math.max(0, value)));
    }
  }
  return image;
}

/** The lightest of a pixel and its neighbours, those at the corners weighed less. */
function widened(grey: Uint8Array, place: number): number {
  const [row, column] = [Math.floor(place / side), place % side];
  let lightest = 0;
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const [y, x] = [row + dy, column + dx];
      if (y < 0 || x < 0 || y >= side || x >= side) continue;
      lightest = Math.max(lightest, grey[y * side + x] * (dx !== 0 && dy !== 0 ? 0.7 : 1));
    }
  }
  return lightest;
}

/** RGB of a hue from 0 to 6, a saturation and a value, all three from 0 to 1. */
function colourOf(hue: number, saturation: number, value: number): readonly number[] {
  return [5, 3, 1].map((offset) => {
    const k = (offset + hue) % 6;
    return value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1));
  });
}
