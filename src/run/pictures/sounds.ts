/** Sounds as a picture: of each its waveform, and beside it its spectrogram. */

import { GalateaError } from "../../core/base/index.ts";
import { spectrogramPicture } from "./heat.ts";
import type { Picture } from "./picture.ts";

/** A sound, and its energy in bands over time. */
export interface DrawnSound {
  /** From -1 to 1. */
  readonly samples: Float32Array;
  /** [frames, bands], row-major, of [frames, bands]. */
  readonly bands: Float32Array;
  readonly shape: readonly [frames: number, bands: number];
  /** Of the longest sound's length, from 0 to 1. */
  readonly share: number;
}

type Colour = readonly [red: number, green: number, blue: number];

const [waveWidth, rowHeight, gap] = [360, 96, 6];
const [paper, axis, ink]: readonly Colour[] = [
  [255, 255, 255],
  [221, 221, 226],
  [31, 119, 180],
];

/**
 * Sounds one below the other, waveform at the left and spectrogram at the right, on one scale of time.
 *
 * A column of the waveform reaches from the lowest to the highest of its samples; the loudest sample of a sound fills its
 * height. Spectrograms are scaled for themselves: the colour of silence in one may be another in the next.
 *
 * @throws GalateaError `data` when there is none.
 */
export function soundsPicture(sounds: readonly DrawnSound[]): Picture {
  if (sounds.length === 0) throw new GalateaError("data", "sounds", "there is none to draw", "1 or more");
  const width = 2 * waveWidth + 3 * gap;
  const height = sounds.length * (rowHeight + gap) + gap;
  const data = new Uint8Array(width * height * 3).fill(255);
  const put = (x: number, y: number, colour: readonly number[]): void => data.set(colour, (y * width + x) * 3);
  sounds.forEach(({ samples, bands, shape, share }, row) => {
    const top = gap + row * (rowHeight + gap);
    const used = Math.max(1, Math.round(share * waveWidth));
    let loudest = 0;
    for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
    const middle = (rowHeight - 1) / 2;
    const lineOf = (sample: number): number => Math.round(middle * (1 - sample / (loudest || 1)));
    for (let x = 0; x < waveWidth; x++) {
      for (let y = 0; y < rowHeight; y++) put(gap + x, top + y, y === Math.round(middle) ? axis : paper);
      const from = Math.floor((x * samples.length) / used);
      const part = samples.subarray(from, Math.max(from + 1, Math.floor(((x + 1) * samples.length) / used)));
      if (x >= used || part.length === 0) continue;
      let [low, high] = [part[0], part[0]];
      for (const sample of part) [low, high] = [Math.min(low, sample), Math.max(high, sample)];
      for (let y = lineOf(high); y <= lineOf(low); y++) put(gap + x, top + y, ink);
    }
    const drawn = spectrogramPicture(bands, shape, { frameWidth: 1, bandHeight: 1 });
    for (let x = 0; x < used; x++) {
      const frame = Math.min(shape[0] - 1, Math.floor((x * shape[0]) / used));
      for (let y = 0; y < rowHeight; y++) {
        const at = (Math.floor((y * shape[1]) / rowHeight) * drawn.width + frame) * 3;
        put(2 * gap + waveWidth + x, top + y, drawn.data.subarray(at, at + 3) as unknown as number[]);
      }
    }
  });
  return { width, height, channels: 3, data };
}
