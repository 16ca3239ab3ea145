/** Flows under test, small, with parameters away from those that make them the identity. */

import { foldKey, mapTree, randomNormal, type Tensor, type TensorTree } from "../../src/core/index.ts";
import {
  type FlowLayer,
  glow,
  iaf,
  imageRealNvp,
  maf,
  realNvp,
  splineAutoregressive,
  splineCoupling,
  type VectorFlowOptions,
} from "../../src/learn/models/index.ts";

export interface FlowUnderTest {
  readonly name: string;
  readonly shape: readonly number[];
  readonly layers: FlowLayer;
}

const kinds: Readonly<Record<string, (options: VectorFlowOptions) => FlowLayer>> = {
  realnvp: realNvp,
  "realnvp, permuted": (options) => realNvp({ ...options, mix: "permutation" }),
  "realnvp, reversed": (options) => realNvp({ ...options, mix: "reverse" }),
  maf,
  "maf, mixed": (options) => maf({ ...options, mix: "linear" }),
  iaf,
  "spline coupling": splineCoupling,
  "spline autoregressive": splineAutoregressive,
};

/** Every kind of vector flow, for vectors of a size. */
export function vectorFlows(features: number, options: Partial<VectorFlowOptions> = {}): readonly FlowUnderTest[] {
  return Object.entries(kinds).map(([name, layersOf]) => ({
    name: `${name} of ${features}`,
    shape: [features],
    layers: layersOf({ features, depth: 3, hidden: [16, 12], ...options }),
  }));
}

/** Every kind of image flow, for images of a shape. */
export function imageFlows(shape: readonly number[], condition?: number): readonly FlowUnderTest[] {
  const options = { shape, hidden: [6, 5], depth: 2, ...(condition !== undefined && { condition }) };
  return [
    { name: `glow of ${shape}`, shape, layers: glow(options) },
    { name: `glow with a curve of ${shape}`, shape, layers: glow({ ...options, curve: 5 }) },
    { name: `image realnvp of ${shape}`, shape, layers: imageRealNvp(options) },
    { name: `image realnvp with a curve of ${shape}`, shape, layers: imageRealNvp({ ...options, curve: 5 }) },
  ];
}

/** Parameters as they are at first, moved by normal numbers: last layers begin with zeros. */
export function movedParameters(layers: FlowLayer, key: Tensor, distance = 0.07): TensorTree {
  let stream = 1;
  return mapTree<Tensor, Tensor>(layers.init(foldKey(key, 0)) as never, (leaf) =>
    // Of a convolution more numbers come together.
    leaf.add(randomNormal(foldKey(key, stream++), leaf.shape).mul(leaf.rank === 4 ? distance / 3 : distance)),
  ) as TensorTree;
}
