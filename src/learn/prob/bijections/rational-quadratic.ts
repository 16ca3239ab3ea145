/** Monotone rational-quadratic splines. */

import { GalateaError } from "../../../core/base/index.ts";
import { concat, type Tensor } from "../../../core/trace/index.ts";
import { type ElementwiseBijection, type ElementwiseResult, steering } from "./elementwise.ts";

export interface RationalQuadraticOptions {
  /** Number of pieces, at least 2; 8 where absent. */
  readonly bins?: number;
  /** The spline bends numbers from -bound to bound and leaves others as they are; 4 where absent. */
  readonly bound?: number;
  /** The least width and height of a piece, as a share of an equal one; 0.2 where absent. */
  readonly smallest?: number;
}

/** The piece that an element lies in: the spline's corner, size and derivatives, each of the element's shape. */
interface Piece {
  readonly left: Tensor;
  readonly bottom: Tensor;
  readonly width: Tensor;
  readonly height: Tensor;
  /** At its left and at its right end. */
  readonly first: Tensor;
  readonly last: Tensor;
}

/** The derivative at a knot over the smaller slope beside it. */
const [leastFactor, largestFactor] = [0.1, 3];
/** The sigmoid of this makes it 1. */
const neutral = Math.log((1 - leastFactor) / (largestFactor - 1));

/**
 * A spline of quotients of quadratic polynomials, monotone, with a continuous derivative, and linear outside.
 *
 * With t = (x - left) / width, s = height / width and derivatives d, e at the piece's ends,
 * y = bottom + height (s t^2 + d t (1 - t)) / (s + (d + e - 2 s) t (1 - t))
 *
 * Each element takes 3 bins - 1 numbers: `bins` for widths, as many for heights (both by softmax), and one for the
 * derivative at each inner knot: from 0.1 to 3 times the smaller of the slopes beside it, by a sigmoid. At the outer
 * knots the derivative is 1. Just 3 bins - 1 numbers in `raw` are one spline for every element.
 *
 * Units and ranges: a derivative far above a piece's slope would make the spline nearly flat inside of the piece. As
 * it is, no inner piece is flatter than half its own slope, of at least `smallest` / bins, and the inverse stays exact
 * in float32. The source bounds each derivative by itself.
 * @throws GalateaError `config` for options outside their ranges.
 *
 * Source: Durkan, Bekasov, Murray and Papamakarios, "Neural spline flows" (2019), section 3.1 and appendix A; formula
 * by Gregory and Delbourgo (1982).
 */
export function rationalQuadratic(options: RationalQuadraticOptions = {}): ElementwiseBijection {
  const { bins = 8, bound = 4, smallest = 0.2 } = options;
  if (!Number.isInteger(bins) || bins < 2) {
    throw new GalateaError("config", "bins", `is ${bins}`, "it must be a whole number of at least 2");
  }
  if (!(bound > 0 && smallest > 0 && smallest < 1)) {
    const seen = `bound ${bound}, smallest ${smallest}`;
    throw new GalateaError("config", "spline", seen, "both must be above 0, and smallest below 1");
  }
  const size = 3 * bins - 1;

  /** The piece of each element of `inside`; `axis` 0 finds it by x, 1 by y. */
  const pieceOf = (inside: Tensor, raw: Tensor, axis: 0 | 1): Piece => {
    const isShared = raw.size === size;
    const [batch, ...event] = isShared ? inside.shape.map(() => 1) : inside.shape;
    const [forSizes, forDerivatives] = steering(raw, size, [batch, ...event]).split([2 * bins, bins - 1], 1);
    const sizes = forSizes
      .reshape([batch, 2, bins, ...event])
      .softmax(2)
      .mul((1 - smallest) * 2 * bound)
      .add((smallest * 2 * bound) / bins);
    const starts = sizes.cumulativeSum(2, { exclusive: true }).sub(bound); // [B, 2, bins, C, ...]
    const [widths, heights] = sizes.split(2, 1).map((part) => part.reshape([batch, bins, ...event]));
    const slopes = heights.div(widths);
    const smaller = slopes.slice(1, 0, bins - 1).minimum(slopes.slice(1, 1, bins - 1));
    const factor = forDerivatives
      .add(neutral)
      .sigmoid()
      .mul(largestFactor - leastFactor)
      .add(leastFactor);
    const inner = smaller.mul(factor); // [B, bins - 1, C, ...]
    const none = inner.shape.map(() => 0);
    const one = none.with(1, 1);
    const knots = starts
      .slice(1, axis, 1)
      .slice(2, 1, bins - 1)
      .reshape(inner.shape);
    const passed = inside.unsqueeze(1).greaterEqual(knots).cast("float32");
    // 1 at the piece, else 0.
    const chosen = passed.pad(one, none, 1).sub(passed.pad(none, one));
    const table = concat(
      [sizes, starts, inner.pad(one, none, 1).unsqueeze(1), inner.pad(none, one, 1).unsqueeze(1)],
      1,
    ); // [B, 6, bins, C, ...]
    // One spline for all elements: a product of matrices picks the pieces.
    const picked = isShared
      ? table
          .reshape([6, bins])
          .matmul(chosen.moveAxis(1, 0).reshape([bins, inside.size]))
          .unsqueeze(0)
      : table.mul(chosen.unsqueeze(1)).sum(2);
    const [width, height, left, bottom, first, last] = picked.split(6, 1).map((part) => part.reshape(inside.shape));
    return { left, bottom, width, height, first, last };
  };

  /** log dy/dx at t, given t (1 - t), s, and the formula's denominator. */
  const logSlope = ({ first, last }: Piece, t: Tensor, product: Tensor, s: Tensor, denominator: Tensor): Tensor => {
    const rest = t.neg().add(1);
    const numerator = last.mul(t.square()).add(s.mul(product).mul(2)).add(first.mul(rest.square()));
    return s.div(denominator).square().mul(numerator).log();
  };

  return {
    size,
    forward: (x, raw): ElementwiseResult => {
      const inside = x.clip(-bound, bound);
      const piece = pieceOf(inside, raw, 0);
      const { left, bottom, width, height, first, last } = piece;
      const s = height.div(width);
      const t = inside.sub(left).div(width);
      const product = t.mul(t.neg().add(1));
      const denominator = s.add(first.add(last).sub(s.mul(2)).mul(product));
      const y = bottom.add(height.mul(s.mul(t.square()).add(first.mul(product))).div(denominator));
      // At either end the slope is 1, so that what lies outside goes on in a straight line.
      return { y: y.add(x.sub(inside)), logDerivative: logSlope(piece, t, product, s, denominator) };
    },
    inverse: (y, raw): ElementwiseResult => {
      const inside = y.clip(-bound, bound);
      const piece = pieceOf(inside, raw, 1);
      const { left, bottom, width, height, first, last } = piece;
      const s = height.div(width);
      const rise = inside.sub(bottom);
      const bend = first.add(last).sub(s.mul(2));
      // a t^2 + b t + c = 0, in the form that does not cancel.
      const a = height.mul(s.sub(first)).add(rise.mul(bend));
      const b = height.mul(first).sub(rise.mul(bend));
      const c = s.mul(rise).neg();
      const root = b.square().sub(a.mul(c).mul(4)).maximum(1e-12).sqrt();
      const t = c.mul(-2).div(b.add(root));
      const product = t.mul(t.neg().add(1));
      const denominator = s.add(bend.mul(product));
      const x = left.add(t.mul(width));
      return { y: x.add(y.sub(inside)), logDerivative: logSlope(piece, t, product, s, denominator).neg() };
    },
  };
}
