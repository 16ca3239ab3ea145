/** How like two images are, pixel by pixel and by structure. */

import { formatShape, GalateaError, type Shape, sizeOf } from "../../core/base/index.ts";

/** Images [N, C, H, W], row-major. */
export interface ImageSet {
  readonly shape: Shape;
  /** Bytes from 0 to 255, or floats from 0 to 1. */
  readonly data: Uint8Array | Float32Array;
}

/** Width of the window, its standard deviation, and the constants of the two ratios. */
const window = { width: 11, sigma: 1.5 };
const [k1, k2] = [0.01, 0.03];

function requireAlike(where: string, a: ImageSet, b: ImageSet): void {
  const isFilled = a.data.length === sizeOf(a.shape) && b.data.length === sizeOf(b.shape);
  if (a.shape.length !== 4 || formatShape(a.shape) !== formatShape(b.shape) || !isFilled || sizeOf(a.shape) === 0) {
    const seen = `images ${formatShape(a.shape)} and ${formatShape(b.shape)}`;
    throw new GalateaError("data", where, seen, "both must be [N, C, H, W] of equal sizes");
  }
}

/** Values from 0 to 1 of image `index`. */
function valuesOf({ shape, data }: ImageSet, index: number): Float64Array {
  const size = sizeOf(shape.slice(1));
  const scale = data instanceof Uint8Array ? 255 : 1;
  return Float64Array.from(data.subarray(index * size, (index + 1) * size), (value) => value / scale);
}

/**
 * Peak signal-to-noise ratio of each image against the one it should be.
 *
 * 10 log10(1 / mean squared error), values from 0 to 1
 *
 * Units and ranges: decibels; infinite for equal images.
 * @throws GalateaError `data` when the sets are not [N, C, H, W] of equal sizes.
 */
export function peakSignalToNoise(images: ImageSet, wanted: ImageSet): Float64Array {
  requireAlike("psnr", images, wanted);
  return Float64Array.from({ length: images.shape[0] }, (_, index) => {
    const [a, b] = [valuesOf(images, index), valuesOf(wanted, index)];
    const error = a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length;
    return -10 * Math.log10(error);
  });
}

/**
 * Structural similarity of each image to the one it should be: the mean over places and channels of
 *
 * (2 m_a m_b + c1) (2 s_ab + c2) / ((m_a^2 + m_b^2 + c1) (s_a^2 + s_b^2 + c2)),  c1 = 0.01^2, c2 = 0.03^2
 *
 * with means, variances and covariance under a Gaussian window of 11 x 11 and sigma 1.5, over places where it lies
 * within the image; for a side shorter than 11 the window is cut to the largest odd length that fits.
 *
 * Units and ranges: -1 to 1; 1 for equal images only.
 * @throws GalateaError `data` when the sets are not [N, C, H, W] of equal sizes.
 *
 * Source: Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural
 * similarity" (2004). Colours: the mean of the channels, as the paper leaves them open.
 */
export function structuralSimilarity(images: ImageSet, wanted: ImageSet): Float64Array {
  requireAlike("ssim", images, wanted);
  const [count, channels, height, width] = images.shape;
  const down = gaussianWindow(height);
  const across = gaussianWindow(width);
  return Float64Array.from({ length: count }, (_, index) => {
    const [a, b] = [valuesOf(images, index), valuesOf(wanted, index)];
    let sum = 0;
    for (let c = 0; c < channels; c++) {
      const plane = (values: Float64Array): Float64Array =>
        values.subarray(c * height * width, (c + 1) * height * width);
      sum += planeSimilarity(plane(a), plane(b), height, width, down, across);
    }
    return sum / channels;
  });
}

function planeSimilarity(
  a: Float64Array,
  b: Float64Array,
  height: number,
  width: number,
  down: Float64Array,
  across: Float64Array,
): number {
  const smooth = (values: Float64Array): Float64Array => filtered(values, height, width, down, across);
  const products = (x: Float64Array, y: Float64Array): Float64Array => x.map((value, i) => value * y[i]);
  const [meanA, meanB] = [smooth(a), smooth(b)];
  const [squareA, squareB, product] = [smooth(products(a, a)), smooth(products(b, b)), smooth(products(a, b))];
  const [c1, c2] = [k1 ** 2, k2 ** 2];
  const similarity = meanA.map((x, i) => {
    const y = meanB[i];
    const [varianceA, varianceB, covariance] = [squareA[i] - x * x, squareB[i] - y * y, product[i] - x * y];
    return ((2 * x * y + c1) * (2 * covariance + c2)) / ((x * x + y * y + c1) * (varianceA + varianceB + c2));
  });
  return similarity.reduce((sum, value) => sum + value, 0) / similarity.length;
}

/** Weights that sum to 1, as many as fit into a side. */
function gaussianWindow(side: number): Float64Array {
  const length = Math.min(window.width, side % 2 === 1 ? side : side - 1);
  const middle = (length - 1) / 2;
  const weights = Float64Array.from({ length }, (_, i) => Math.exp(-((i - middle) ** 2) / (2 * window.sigma ** 2)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Weighted means under a window, at the places where it fits. */
function filtered(
  values: Float64Array,
  height: number,
  width: number,
  down: Float64Array,
  across: Float64Array,
): Float64Array {
  const columns = width - across.length + 1;
  const rows = height - down.length + 1;
  const narrow = new Float64Array(height * columns);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let i = 0; i < across.length; i++) sum += across[i] * values[y * width + x + i];
      narrow[y * columns + x] = sum;
    }
  }
  const out = new Float64Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let i = 0; i < down.length; i++) sum += down[i] * narrow[(y + i) * columns + x];
      out[y * columns + x] = sum;
    }
  }
  return out;
}
