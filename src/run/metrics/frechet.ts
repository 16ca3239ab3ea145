/** The Fréchet distance between two sets of features, which is FID over features of images. */

import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { GalateaError } from "../../core/base/index.ts";
import type { Tensor } from "../../core/trace/index.ts";
import { type Backend, type HostTensor, jit } from "../../engine/index.ts";
import { type Features, meanOf, requireFeatures, requirePair, shifted } from "./features.ts";

/** Mean and covariance of a density. */
export interface Moments {
  /** [D]. */
  readonly mean: Float64Array;
  /** [D, D], row-major, symmetric. */
  readonly covariance: Float64Array;
}

/** Rows whose outer products a device adds up at once, in float32; sums of these are float64. */
const rowsAtOnce = 512;

/** Up to here the host takes a fraction of a second, and adds in float64. */
const smallSize = 128;

/** Share of the largest variance below which what is left of one is rounding. */
const leastPivot = 1e-7;

/**
 * Mean and unbiased covariance of features, from N >= 2 of them.
 * @throws GalateaError `data` for fewer, or numbers that are not finite.
 */
export async function momentsOf(features: Features, backend: Backend): Promise<Moments> {
  requireFeatures("moments", features, 2);
  const { count, size } = features;
  const mean = meanOf(features);
  const centred = shifted(features, mean);
  const sums = size <= smallSize ? productsOnHost(centred) : await productsOnDevice(centred, backend);
  return { mean, covariance: sums.map((sum) => sum / (count - 1)) };
}

/** x^T x, [D, D]. */
function productsOnHost({ count, size, data }: Features): Float64Array {
  const sums = new Float64Array(size * size);
  for (let n = 0; n < count; n++) {
    const row = data.subarray(n * size, (n + 1) * size);
    for (let i = 0; i < size; i++) {
      const factor = row[i];
      for (let j = 0, at = i * size; j < size; j++, at++) sums[at] += factor * row[j];
    }
  }
  return sums;
}

async function productsOnDevice({ count, size, data }: Features, backend: Backend): Promise<Float64Array> {
  const products = jit(backend, "products of features", ({ x }) => {
    const rows = x as unknown as Tensor;
    return rows.matmul(rows, { transposeA: true });
  });
  try {
    const sums = new Float64Array(size * size);
    // Rows of zeros, which the last block is filled up with, add nothing.
    const block = new Float32Array(rowsAtOnce * size);
    for (let start = 0; start < count; start += rowsAtOnce) {
      block.fill(0).set(data.subarray(start * size, Math.min(count, start + rowsAtOnce) * size));
      const x = { dtype: "float32", shape: [rowsAtOnce, size], data: block } as const;
      const part = ((await products({ x } as never)) as unknown as HostTensor).data as Float32Array;
      for (let i = 0; i < sums.length; i++) sums[i] += part[i];
    }
    return sums;
  } finally {
    await products.dispose();
  }
}

/**
 * The Fréchet (2-Wasserstein) distance of two normal densities, squared.
 *
 * |m1 - m2|^2 + tr(S1) + tr(S2) - 2 tr((S1 S2)^(1/2))
 *
 * The trace of the root is the sum of the roots of the eigenvalues of L^T S2 L, where S1 = L L^T: a symmetric matrix
 * with the eigenvalues of S1 S2.
 *
 * Units and ranges: 0 or more. It takes O(D^3) on one core: 0.1 s for D = 128, minutes for 2,048.
 * @throws GalateaError `data` when the sizes differ.
 *
 * Source: Dowson and Landau, "The Fréchet distance between multivariate normal distributions" (1982).
 */
export function frechetDistance(a: Moments, b: Moments): number {
  const size = a.mean.length;
  if (b.mean.length !== size) {
    throw new GalateaError("data", "fid", `moments of ${size} and ${b.mean.length} features`, "both must have as many");
  }
  const matrix = (values: Float64Array): Matrix => Matrix.from1DArray(size, size, values);
  const [first, second] = [matrix(a.covariance), matrix(b.covariance)];
  const root = choleskyFactor(a.covariance, size);
  const product = root.transpose().mmul(second).mmul(root);
  // Rounding leaves it a little asymmetric, and eigenvalues of 0 a little below.
  const symmetric = product.add(product.transpose()).mul(0.5);
  const { realEigenvalues } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  const traceOfRoot = realEigenvalues.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  const means = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]) ** 2, 0);
  return Math.max(0, means + first.trace() + second.trace() - 2 * traceOfRoot);
}

/** L with L L^T = S, lower triangular; columns of directions in which S has no extent, to rounding, are 0. */
function choleskyFactor(covariance: Float64Array, size: number): Matrix {
  const lower: Float64Array[] = Array.from({ length: size }, () => new Float64Array(size));
  const largest = Math.max(...Array.from({ length: size }, (_, i) => covariance[i * size + i]));
  for (let j = 0; j < size; j++) {
    const own = lower[j];
    const pivot = covariance[j * size + j] - dot(own, own, j);
    if (pivot <= largest * leastPivot) continue;
    own[j] = Math.sqrt(pivot);
    for (let i = j + 1; i < size; i++) {
      lower[i][j] = (covariance[i * size + j] - dot(lower[i], own, j)) / own[j];
    }
  }
  return new Matrix(lower);
}

function dot(a: Float64Array, b: Float64Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * The Fréchet inception distance: the Fréchet distance of normal densities fitted to two sets of features. It falls
 * as samples get more, so that only scores of equal counts can be compared.
 * @throws GalateaError `data` for fewer than 2 examples on a side, or features that do not belong together.
 *
 * Source: Heusel et al., "GANs trained by a two time-scale update rule converge to a local Nash equilibrium" (2017).
 */
export async function frechetFeatureDistance(
  samples: Features,
  reference: Features,
  backend: Backend,
): Promise<number> {
  requirePair("fid", samples, reference, 2);
  return frechetDistance(await momentsOf(samples, backend), await momentsOf(reference, backend));
}
