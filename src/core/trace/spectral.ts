/** Spectrograms: windows of a signal, Fourier transforms as matrix products, mel bands.
 *
 * On a CPU the products, over tables computed in float64, take a third of the time of ONNX's STFT at 512 samples a
 * window, and a twentieth at 400, where its algorithm needs a power of two. */

import { formatShape, GalateaError, sizeOf } from "../base/index.ts";
import { concat, tensor } from "./functions.ts";
import type { Tensor } from "./tensor.ts";

/** Complex numbers, one for each frequency 0, 1/N, ..., 1/2 of the last axis. */
export interface Spectrum {
  readonly real: Tensor;
  readonly imaginary: Tensor;
}

export interface ShortTimeFourierOptions {
  /** Samples in a window, N. */
  readonly size: number;
  /** Samples from one window's start to the next; a quarter of the size where absent. */
  readonly hop?: number;
  /** N factors on each window's samples; the periodic Hann window where absent. */
  readonly window?: readonly number[];
  /** Whether windows are centered on multiples of the hop, the signal mirrored at its ends (the default). */
  readonly center?: boolean;
}

/** - `htk`: 2595 log10(1 + f / 700)
 *  - `slaney`: linear to 1000 Hz, logarithmic above */
export type MelScale = "htk" | "slaney";

export interface MelOptions {
  /** Samples a second. */
  readonly sampleRate: number;
  /** Samples in the window that the spectrum is of. */
  readonly size: number;
  readonly bands: number;
  /** The lowest and the highest frequency in hertz; 0 and half of the sample rate where absent. */
  readonly low?: number;
  readonly high?: number;
  /** `slaney` where absent. */
  readonly scale?: MelScale;
  /** Whether each band's area is 1 (the default), not its peak. */
  readonly areaNormalized?: boolean;
}

function requireCount(what: string, count: number, least: number): void {
  if (Number.isInteger(count) && count >= least) return;
  throw new GalateaError("shape", "", `${what} is ${count}`, `it must be a whole number from ${least} up`);
}

/** The Hann window sin^2(pi i / N); without `periodic` N - 1 stands for N, so that both ends are 0. */
export function hannWindow(size: number, periodic = true): number[] {
  requireCount("hannWindow: the size", size, 1);
  const period = periodic ? size : size - 1;
  return Array.from({ length: size }, (_, i) => (size === 1 ? 1 : Math.sin((Math.PI * i) / period) ** 2));
}

/**
 * Overlapping windows of the last axis: window f holds the samples from f * hop on.
 *
 * Shapes: [..., T] -> [..., F, size], F = floor((T - size) / hop) + 1; samples after the last window are left out.
 * @throws GalateaError `shape` when not one window fits.
 */
export function frame(x: Tensor, size: number, hop: number): Tensor {
  requireCount("frame: the size", size, 1);
  requireCount("frame: the hop", hop, 1);
  const samples = x.shape.at(-1) ?? 0;
  if (x.rank === 0 || samples < size) {
    const seen = `frame: windows of ${size} samples in ${formatShape(x.shape)}`;
    throw new GalateaError("shape", x.path, seen, "its last axis must hold one");
  }
  const count = Math.floor((samples - size) / hop) + 1;
  const leading = x.shape.slice(0, -1);
  // Rows of one hop each; a window is a few rows in succession, the last of them perhaps cut. Copying rows is many
  // times faster than gathering samples.
  const parts = Math.ceil(size / hop);
  const rows = count + parts - 1;
  const nothing = x.shape.map(() => 0);
  const missing = Math.max(0, rows * hop - samples);
  const long = missing > 0 ? x.pad(nothing, nothing.with(-1, missing)) : x.slice(-1, 0, rows * hop);
  const table = long.reshape([...leading, rows, hop]);
  const shifted = Array.from({ length: parts }, (_, part) =>
    table.slice(-2, part, count).slice(-1, 0, Math.min(hop, size - part * hop)),
  );
  return concat(shifted, -1);
}

/**
 * The discrete Fourier transform of real numbers, X[k] = sum over n of w[n] x[n] e^(-2 pi i k n / N), k to N/2.
 *
 * Shapes: [..., N] -> real and imaginary [..., floor(N / 2) + 1].
 * @param window factors w on the samples; 1 where absent
 */
export function realFourier(x: Tensor, window?: readonly number[]): Spectrum {
  const size = x.shape.at(-1) ?? 0;
  requireCount("realFourier: the last axis", size, 1);
  if (window && window.length !== size) {
    const seen = `realFourier: a window of ${window.length} for ${formatShape(x.shape)}`;
    throw new GalateaError("shape", x.path, seen, `it must have ${size} factors`);
  }
  const leading = x.shape.slice(0, -1);
  const frequencies = Math.floor(size / 2) + 1;
  const rows = x.reshape([sizeOf(leading), size]);
  const both = rows.matmul(fourierTable(size, frequencies, window)).reshape([...leading, 2 * frequencies]);
  const [real, imaginary] = both.split(2);
  return { real, imaginary };
}

/** [N, 2 frequencies]: cosines, then negative sines, each row times its window factor. */
function fourierTable(size: number, frequencies: number, window: readonly number[] | undefined): Tensor {
  const table = new Float32Array(size * 2 * frequencies);
  for (let n = 0; n < size; n++) {
    const factor = window ? window[n] : 1;
    for (let k = 0; k < frequencies; k++) {
      // Whole turns off first, so that the angle has all of its digits.
      const angle = (2 * Math.PI * ((k * n) % size)) / size;
      table[n * 2 * frequencies + k] = factor * Math.cos(angle);
      table[(n * 2 + 1) * frequencies + k] = -factor * Math.sin(angle);
    }
  }
  return tensor(table, [size, 2 * frequencies]);
}

/**
 * Fourier transforms of overlapping windows of the last axis, as PyTorch's `stft` with frames before frequencies.
 *
 * Shapes: [..., T] -> real and imaginary [..., F, floor(size / 2) + 1]; where windows are centered and of even size
 * F = floor(T / hop) + 1.
 * @throws GalateaError `shape` when the signal is shorter than a window, or than half of one where centered.
 */
export function shortTimeFourier(x: Tensor, options: ShortTimeFourierOptions): Spectrum {
  const { size, hop = Math.max(1, Math.floor(size / 4)), window = hannWindow(size), center = true } = options;
  const half = Math.floor(size / 2);
  const around = x.shape.map((_, axis) => (axis === x.rank - 1 ? half : 0));
  return realFourier(frame(center ? x.padReflect(around, around) : x, size, hop), window);
}

/** |X|^2. */
export function spectrumPower({ real, imaginary }: Spectrum): Tensor {
  return real.square().add(imaginary.square());
}

/** |X|; 1e-20 under the root keeps the gradient finite where X is 0. */
export function spectrumMagnitude(spectrum: Spectrum): Tensor {
  return spectrumPower(spectrum).add(1e-20).sqrt();
}

/** Where the `slaney` scale turns from linear, 3 mel in 200 Hz, to logarithmic, 27 mel in a factor of 6.4. */
const slaneyTurn = { hertz: 1000, mel: 15 };
const slaneyStep = Math.log(6.4) / 27;

/** Frequency in hertz to mel. */
export function melOf(hertz: number, scale: MelScale = "slaney"): number {
  if (scale === "htk") return 2595 * Math.log10(1 + hertz / 700);
  if (hertz < slaneyTurn.hertz) return (3 * hertz) / 200;
  return slaneyTurn.mel + Math.log(hertz / slaneyTurn.hertz) / slaneyStep;
}

/** Mel to frequency in hertz. */
export function hertzOf(mel: number, scale: MelScale = "slaney"): number {
  if (scale === "htk") return 700 * (10 ** (mel / 2595) - 1);
  if (mel < slaneyTurn.mel) return (200 * mel) / 3;
  return slaneyTurn.hertz * Math.exp(slaneyStep * (mel - slaneyTurn.mel));
}

/**
 * Weights from frequencies to mel bands, [floor(size / 2) + 1, bands]: `power.matmul(melFilterbank(...))`.
 *
 * Each band is a triangle between its neighbors' centers, which lie in equal steps of mel from `low` to `high`.
 * Source: the HTK Book (Young et al. 2006) and Slaney's Auditory Toolbox (1998), with areas as in librosa.
 * @throws GalateaError `config` when the frequencies do not ascend from 0 to half of the sample rate.
 */
export function melFilterbank(options: MelOptions): Tensor {
  const { sampleRate, size, bands, low = 0, high = sampleRate / 2, scale = "slaney", areaNormalized = true } = options;
  requireCount("melFilterbank: the size", size, 2);
  requireCount("melFilterbank: the number of bands", bands, 1);
  if (!(low >= 0 && low < high && high <= sampleRate / 2)) {
    const seen = `from ${low} to ${high} Hz at ${sampleRate} samples a second`;
    throw new GalateaError("config", "melFilterbank", seen, `ascend within 0 to ${sampleRate / 2} Hz`);
  }
  const [lowest, highest] = [melOf(low, scale), melOf(high, scale)];
  const center = (i: number): number => hertzOf(lowest + ((highest - lowest) * i) / (bands + 1), scale);
  const frequencies = Math.floor(size / 2) + 1;
  const weights = new Float32Array(frequencies * bands);
  for (let band = 0; band < bands; band++) {
    const [left, peak, right] = [center(band), center(band + 1), center(band + 2)];
    const factor = areaNormalized ? 2 / (right - left) : 1;
    for (let k = 0; k < frequencies; k++) {
      const hertz = (k * sampleRate) / size;
      const height = Math.min((hertz - left) / (peak - left), (right - hertz) / (right - peak));
      weights[k * bands + band] = factor * Math.max(0, height);
    }
  }
  return tensor(weights, [frequencies, bands]);
}
