/** Gradients of ops that join the elements of windows. */

import { sizeOf } from "../../base/index.ts";
import type { Pool2dAttrs } from "../../graph/index.ts";
import { apply, range, type Tensor } from "../../trace/index.ts";
import type { SomeRules } from "./rule.ts";

/** Whole numbers up to here are exact in float32. */
const largestExact = 2 ** 24;

function areTiles({ kernel, stride, padding }: Pool2dAttrs): boolean {
  return kernel.every((extent, axis) => extent === stride[axis]) && padding.every((count) => count === 0);
}

/** Tiles: gradient and place are repeated over each tile, and the gradient is kept where the place is its own. */
function toPlacesOfTiles(g: Tensor, x: Tensor, places: Tensor, attrs: Pool2dAttrs): Tensor {
  const [height, width] = x.shape.slice(2);
  const repeated = (y: Tensor): Tensor =>
    apply("averagePool2dGradient", [y], { ...attrs, divisor: "none", size: [height, width] });
  const isPlace = repeated(places.cast("float32")).equal(range(height * width).reshape([height, width]));
  return repeated(g).mul(isPlace.cast("float32"));
}

/** Windows that overlap: each gradient is added to its place among all elements. */
function toPlaces(g: Tensor, x: Tensor, places: Tensor): Tensor {
  const [batch, channels, height, width] = x.shape;
  const planes = range(batch * channels, "int32")
    .mul(height * width)
    .reshape([batch, channels, 1, 1]);
  const at = places.add(planes).flatten(0);
  return apply("scatterAdd", [g.flatten(0), at], { axis: 0, size: x.size }).reshape(x.shape);
}

export const pooling = {
  maxPool2d: (g, { inputs: [x], attrs }) => {
    const places = apply("maxPool2dPlaces", [x], attrs);
    const byTiles = areTiles(attrs) && sizeOf(x.shape.slice(2)) <= largestExact;
    return [byTiles ? toPlacesOfTiles(g, x, places, attrs) : toPlaces(g, x, places)];
  },
  // Both are linear, each the transpose of the other.
  averagePool2d: (g, { inputs: [x], attrs }) => [
    apply("averagePool2dGradient", [g], { ...attrs, size: [x.shape[2], x.shape[3]] }),
  ],
  averagePool2dGradient: (g, { attrs: { size: _, ...attrs } }) => [apply("averagePool2d", [g], attrs)],
} satisfies SomeRules;
