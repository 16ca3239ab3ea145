/** The kernel distance between two sets of features, which is KID over features of images. */

import { foldKey, GalateaError, type Key, permutation } from "../../core/base/index.ts";
import type { Tensor } from "../../core/trace/index.ts";
import { type Backend, type HostTensor, jit } from "../../engine/index.ts";
import { type Features, pickRows, requirePair } from "./features.ts";

export interface KernelDistanceOptions {
  readonly backend: Backend;
  /** Decides which examples a subset takes. */
  readonly key: Key;
  /** Subsets that are compared; 50 where absent. */
  readonly subsets?: number;
  /** Examples in each; 1,000 where absent, and never more than there are. */
  readonly subsetSize?: number;
}

export interface KernelDistance {
  /** Mean over subsets; about 0 for equal densities, also below. */
  readonly value: number;
  /** Standard deviation over subsets / sqrt(subsets). Subsets overlap: it says how much their choice matters. */
  readonly standardError: number;
  readonly subsets: number;
  readonly subsetSize: number;
}

interface KernelSums {
  readonly within: HostTensor;
  readonly across: HostTensor;
}

/**
 * The squared maximum mean discrepancy under the kernel k(x, y) = (x . y / D + 1)^3, unbiased, as a mean over subsets.
 *
 * MMD^2 = mean_{i /= j} k(x_i, x_j) + mean_{i /= j} k(y_i, y_j) - 2 mean_{i, j} k(x_i, y_j)
 *
 * @throws GalateaError `data` for fewer than 2 examples on a side, or features that do not belong together; `config` for
 *   an option out of range.
 *
 * Source: Bińkowski et al., "Demystifying MMD GANs" (2018), section 4.
 */
export async function kernelDistance(
  samples: Features,
  reference: Features,
  { backend, key, subsets = 50, subsetSize = 1000 }: KernelDistanceOptions,
): Promise<KernelDistance> {
  requirePair("kid", samples, reference, 2);
  if (!(subsets >= 1 && subsetSize >= 2)) {
    throw new GalateaError("config", "kid", `${subsets} subsets of ${subsetSize}`, "at least 1 of at least 2");
  }
  const taken = Math.min(subsetSize, samples.count, reference.count);
  const { size } = samples;
  const sums = jit(backend, "kernel distance", (given) => {
    const { x, y } = given as unknown as { readonly x: Tensor; readonly y: Tensor };
    const kernel = (a: Tensor, b: Tensor): Tensor => {
      const products = a
        .matmul(b, { transposeB: true })
        .mul(1 / size)
        .add(1);
      return products.mul(products).mul(products);
    };
    const others = (a: Tensor): Tensor => {
      const own = a
        .square()
        .sum(1)
        .mul(1 / size)
        .add(1);
      return kernel(a, a).sum(1).sub(own.mul(own).mul(own));
    };
    // Sums of rows only: the host adds these in float64.
    return { within: others(x).add(others(y)), across: kernel(x, y).sum(1) };
  });
  const values: number[] = [];
  try {
    for (let subset = 0; subset < subsets; subset++) {
      const part = ({ count, data }: Features, stream: number): HostTensor => {
        const indices = permutation(foldKey(key, 2 * subset + stream), count).subarray(0, taken);
        return { dtype: "float32", shape: [taken, size], data: pickRows({ count, size, data }, indices).data };
      };
      const { within, across } = (await sums({
        x: part(samples, 0),
        y: part(reference, 1),
      } as never)) as unknown as KernelSums;
      values.push(total(within) / (taken * (taken - 1)) - (2 * total(across)) / taken ** 2);
    }
  } finally {
    await sums.dispose();
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / subsets;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const standardError = subsets > 1 ? Math.sqrt(squares / (subsets - 1) / subsets) : Number.NaN;
  return { value: mean, standardError, subsets, subsetSize: taken };
}

function total({ data }: HostTensor): number {
  return (data as Float32Array).reduce((sum, value) => sum + value, 0);
}
