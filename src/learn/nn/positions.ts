/** How a network that looks at all places at once is told which place is which. */

import { GalateaError } from "../../core/base/index.ts";
import { concat, range, type Tensor, tensor } from "../../core/trace/index.ts";

/** Wavelengths go from 2 pi to 2 pi times this. */
const slowest = 10_000;

/** Frequencies 10000^(-2i/size) of size/2 waves, in radians a place. */
function frequencies(size: number): number[] {
  return Array.from({ length: size / 2 }, (_, i) => slowest ** ((-2 * i) / size));
}

function requireEven(what: string, size: number): void {
  if (Number.isInteger(size / 2) && size > 0) return;
  throw new GalateaError("config", what, `got a size of ${size}`, "waves come in pairs: it must be an even number");
}

/**
 * Sines and cosines of places, to be added to the vectors there.
 *
 * p_t,2i = sin(t / 10000^(2i/width)); p_t,2i+1 = cos(t / 10000^(2i/width))
 *
 * Shapes: [places, width].
 * @throws GalateaError `config` when the width is odd.
 *
 * Source: Vaswani et al., "Attention is all you need" (2017), section 3.5.
 */
export function sinusoidalPositions(places: number, width: number): Tensor {
  requireEven("sinusoidalPositions", width);
  const waves = frequencies(width);
  const numbers = Array.from({ length: places }, (_, place) =>
    waves.flatMap((frequency) => [Math.sin(place * frequency), Math.cos(place * frequency)]),
  );
  return tensor(numbers.flat(), [places, width]);
}

/**
 * Vectors turned by their place: products of two of them depend on how far apart they are, not on where they are.
 *
 * (x_i, x_i+D/2) turned by t / 10000^(2i/D), i = 0 .. D/2 - 1
 *
 * Shapes: x [..., T, D] -> the same.
 * @param start the place of the first vector: a number, or an int32 scalar
 * @throws GalateaError `config` when D is odd.
 *
 * Source: Su et al., "RoFormer: enhanced transformer with rotary position embedding" (2021), with the halves paired as in
 * GPT-NeoX and Llama.
 */
export function rotary(x: Tensor, start: number | Tensor = 0): Tensor {
  const [places, size] = x.shape.slice(-2);
  requireEven("rotary", size);
  const waves = tensor(frequencies(size), [1, size / 2]);
  const times = typeof start === "number" ? range(places, "float32", start) : range(places).add(start.cast("float32"));
  const angles = times.reshape([places, 1]).mul(waves); // [T, D/2]
  const [cosine, sine] = [angles.cos(), angles.sin()];
  const [first, last] = x.split(2, -1);
  return concat([first.mul(cosine).sub(last.mul(sine)), last.mul(cosine).add(first.mul(sine))], x.rank - 1);
}

export interface RelativeBucketOptions {
  /** Numbers of places that look, and that are seen. */
  readonly places: number;
  readonly seen: number;
  /** Distances are told apart in so many buckets: half of them one by one, the rest ever wider. */
  readonly buckets: number;
  /** From this distance on all are one bucket. */
  readonly farthest: number;
  /** Whether places after the own are told apart from those before it; else they count as distance 0. */
  readonly bothWays: boolean;
}

/**
 * The bucket of the distance between each two places, for a learned bias of attention.
 *
 * Shapes: int32 [places, seen].
 * @throws GalateaError `config` when there are too few buckets, or `farthest` is within those that are told one by one.
 *
 * Source: Raffel et al., "Exploring the limits of transfer learning" (T5, 2020), section 2.1.
 */
export function relativeBuckets(options: RelativeBucketOptions): Tensor {
  const { places, seen, buckets, farthest, bothWays } = options;
  const each = bothWays ? buckets / 2 : buckets;
  const exact = each / 2;
  if (!Number.isInteger(exact) || exact < 1 || farthest <= exact) {
    const given = `${buckets} buckets up to a distance of ${farthest}`;
    const right = `give a multiple of ${bothWays ? 4 : 2} and a distance above ${Math.max(1, Math.floor(exact))}`;
    throw new GalateaError("config", "relativeBuckets", given, right);
  }
  const bucketOf = (distance: number): number => {
    if (distance < exact) return distance;
    const share = Math.log(distance / exact) / Math.log(farthest / exact);
    return Math.min(each - 1, exact + Math.floor(share * (each - exact)));
  };
  const numbers = Array.from({ length: places * seen }, (_, i) => {
    const behind = Math.floor(i / seen) - (i % seen);
    if (!bothWays) return bucketOf(Math.max(0, behind));
    return bucketOf(Math.abs(behind)) + (behind < 0 ? each : 0);
  });
  return tensor(numbers, [places, seen], "int32");
}
