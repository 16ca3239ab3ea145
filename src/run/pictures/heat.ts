/** Numbers as colours: tables of values such as spectrograms, over time. */

import { formatShape, GalateaError } from "../../core/base/index.ts";
import type { Picture } from "./picture.ts";

/** From low to high: dark violet, blue, green, yellow. The anchors of "viridis", in which equal steps look equal, also in
 * grey and to people who do not see all colours. Source: van der Walt and Smith, 2015. */
const anchors = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 73, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
] as const;

/**
 * The colour of a share from 0 to 1; what lies outside gets the colour of the nearest end, what is no number the lowest.
 */
export function heatColour(share: number): readonly [red: number, green: number, blue: number] {
  const at = Math.max(0, Math.min(1, share || 0)) * (anchors.length - 1);
  const below = Math.min(Math.floor(at), anchors.length - 2);
  const [from, to] = [anchors[below], anchors[below + 1]];
  const mix = (c: 0 | 1 | 2): number => Math.round(from[c] + (at - below) * (to[c] - from[c]));
  return [mix(0), mix(1), mix(2)];
}

export interface SpectrogramOptions {
  /** Values of the darkest and the lightest colour; default: the lowest and highest that there are. */
  readonly range?: readonly [low: number, high: number];
  /** Pixels of a frame, whole, 1 or more; default: so that the picture is about 600 wide, 8 at most. */
  readonly frameWidth?: number;
  /** Pixels of a band, whole, 1 or more; default: so that the picture is about 200 high, 16 at most. */
  readonly bandHeight?: number;
}

/**
 * A spectrogram: time to the right, low frequencies at the bottom.
 *
 * Shapes: values [frames, bands], row-major.
 *
 * @throws GalateaError `shape` when values do not fit; `config` for an option out of range.
 */
export function spectrogramPicture(
  values: Float32Array,
  [frames, bands]: readonly [frames: number, bands: number],
  options: SpectrogramOptions = {},
): Picture {
  if (!(frames >= 1 && bands >= 1) || values.length !== frames * bands) {
    const seen = `${values.length} values for ${formatShape([frames, bands])}`;
    throw new GalateaError("shape", "spectrogram", seen, "[frames, bands], 1 or more of each");
  }
  const frameWidth = pixels("frameWidth", options.frameWidth ?? Math.max(1, Math.min(8, Math.floor(600 / frames))));
  const bandHeight = pixels("bandHeight", options.bandHeight ?? Math.max(1, Math.min(16, Math.round(200 / bands))));
  const [low, high] = options.range ?? rangeOf(values);
  const span = high - low || 1;
  const [width, height] = [frames * frameWidth, bands * bandHeight];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += bandHeight) {
    const band = bands - 1 - y / bandHeight;
    for (let x = 0; x < width; x++) {
      const value = values[Math.floor(x / frameWidth) * bands + band];
      data.set(heatColour((value - low) / span), (y * width + x) * 3);
    }
    const line = data.subarray(y * width * 3, (y + 1) * width * 3);
    for (let i = 1; i < bandHeight; i++) data.set(line, (y + i) * width * 3);
  }
  return { width, height, channels: 3, data };
}

function pixels(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= 64) return value;
  throw new GalateaError("config", name, `is ${value}`, "a whole number from 1 to 64");
}

function rangeOf(values: Float32Array): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  return low <= high ? [low, high] : [0, 1];
}
