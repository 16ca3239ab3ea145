/** Clips of digits that move and bounce at the walls, made when they are needed. */

import {
  foldKey,
  GalateaError,
  hashName,
  type Key,
  keyFromSeed,
  randomBits,
  randomUniform,
} from "../../core/base/index.ts";
import { type Batch, checkIndices, type DataSplits, type Dataset } from "./dataset.ts";

export interface MovingDigitsOptions {
  /** Frames of a clip, 1 or more; 8 where absent. */
  readonly frames?: number;
  /** Digits in a clip, 1 or more; 1 where absent. */
  readonly digits?: number;
  /** Clips of each split. */
  readonly counts?: Readonly<Record<"train" | "validation" | "test", number>>;
}

/** Sides of a frame and of a digit in it, pixels. */
const side = 32;
const digitSide = 14;
/** Pixels that a digit moves in a frame. */
const [leastSpeed, mostSpeed] = [1, 3];
const usualCounts = { train: 10_000, validation: 500, test: 500 };
const clipsKey = foldKey(keyFromSeed(0), hashName("moving-digits"));

/** Where a digit's upper left corner is in a frame, in pixels from that of the frame. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/**
 * Clips of grey digits on black, each of half its size, that keep their speed, 1 to 3 pixels in a frame, and bounce at
 * the walls; where two meet, the lighter pixel is seen. The same clip for the same number in every run. Nothing is kept:
 * `gather` draws what it is asked for.
 *
 * Shapes: digits are grey uint8 [1, 28, 28]; `video` uint8 [T, 1, 32, 32], `label` int32, which the first digit is.
 * @throws GalateaError `data` when the digits have another shape; `config` for numbers out of range.
 *
 * Source: Srivastava, Mansimov and Salakhutdinov, "Unsupervised learning of video representations using LSTMs" (2015),
 * with frames of half the size.
 */
export function movingDigits(
  name: string,
  description: string,
  source: DataSplits,
  { frames = 8, digits = 1, counts = usualCounts }: MovingDigitsOptions = {},
): DataSplits {
  for (const [what, value] of Object.entries({ frames, digits, ...counts })) {
    if (!(Number.isInteger(value) && value >= 1 && value <= 1e9)) {
      throw new GalateaError("config", what, `is ${value}`, "it must be a whole number of at least 1");
    }
  }
  const { shape } = source.train.fields.image ?? { shape: [] };
  if (shape.join() !== "1,28,28") {
    throw new GalateaError(
      "data",
      source.name,
      `its images are ${shape.join(" x ")}`,
      "what moves are digits of 28 x 28",
    );
  }
  const part = (split: keyof typeof counts): Dataset =>
    clips(`${name} ${split}`, source[split], counts[split], {
      frames,
      digits,
      key: foldKey(clipsKey, hashName(split)),
    });
  return {
    name,
    description,
    train: part("train"),
    validation: part("validation"),
    test: part("test"),
    notes: [],
  };
}

interface ClipOptions {
  readonly frames: number;
  readonly digits: number;
  readonly key: Key;
}

/** Streams of random numbers of a digit. */
const streams = { which: 0, path: 1 } as const;

function clips(name: string, source: Dataset, count: number, { frames, digits, key }: ClipOptions): Dataset {
  const size = frames * side * side;
  const gather = async (indices: Uint32Array | readonly number[]): Promise<Batch> => {
    checkIndices(name, count, indices);
    const keys = Array.from(indices, (index) => foldKey(key, index));
    const which = keys.flatMap((own) =>
      Array.from({ length: digits }, (_, digit) => randomBits(foldKey(own, digit), streams.which) % source.count),
    );
    const { image, label } = await source.gather(which);
    const video = new Uint8Array(keys.length * size);
    for (const [i, own] of keys.entries()) {
      for (let digit = 0; digit < digits; digit++) {
        const at = (i * digits + digit) * 784;
        const small = halved((image as Uint8Array).subarray(at, at + 784));
        const path = bouncingPath(foldKey(foldKey(own, digit), streams.path), frames);
        for (const [t, place] of path.entries()) draw(video, i * size + t * side * side, small, place);
      }
    }
    return { video, ...(label && { label: Int32Array.from(keys, (_, i) => Number(label[i * digits])) }) };
  };
  const { classes } = source;
  const fields: Dataset["fields"] = {
    video: { dtype: "uint8", shape: [frames, 1, side, side] },
    ...(source.fields.label && { label: { dtype: "int32", shape: [] } }),
  };
  return { name, count, fields, gather, ...(classes && { classes }) };
}

/** Places of a digit in each frame: a straight way at constant speed, folded at the walls. */
export function bouncingPath(key: Key, frames: number): readonly Place[] {
  const room = side - digitSide;
  const [x, y] = [room * randomUniform(key, 0), room * randomUniform(key, 1)];
  const speed = leastSpeed + (mostSpeed - leastSpeed) * randomUniform(key, 2);
  const angle = 2 * Math.PI * randomUniform(key, 3);
  return Array.from({ length: frames }, (_, t) => ({
    x: folded(x + t * speed * Math.cos(angle), room),
    y: folded(y + t * speed * Math.sin(angle), room),
  }));
}

/** A number on the line as it is seen between mirrors at 0 and at `room`. */
function folded(value: number, room: number): number {
  const within = ((value % (2 * room)) + 2 * room) % (2 * room);
  return within <= room ? within : 2 * room - within;
}

/** Means of 2 x 2 pixels: [28, 28] -> [14, 14]. */
function halved(image: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: digitSide * digitSide }, (_, i) => {
    const at = 56 * Math.floor(i / digitSide) + 2 * (i % digitSide);
    return Math.round((image[at] + image[at + 1] + image[at + 28] + image[at + 29]) / 4);
  });
}

/** Draws a digit into the frame that begins at `start`. */
function draw(video: Uint8Array, start: number, digit: Uint8Array, { x, y }: Place): void {
  const corner = start + Math.round(y) * side + Math.round(x);
  for (let row = 0; row < digitSide; row++) {
    for (let column = 0; column < digitSide; column++) {
      const at = corner + row * side + column;
      video[at] = Math.max(video[at], digit[row * digitSide + column]);
    }
  }
}
