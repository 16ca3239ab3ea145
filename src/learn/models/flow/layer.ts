/** What a flow is made of: invertible layers with parameters, alone and one after the other. */

import type { Shape } from "../../../core/base/index.ts";
import { foldKey, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import { type Context, subcontext } from "../../nn/index.ts";

/** What a layer may know beyond its parameters and its input. */
export interface Given {
  readonly context: Context;
  /** What examples are asked to be, [B, K]; absent in a flow that has no conditions. */
  readonly condition?: Tensor;
}

/** log |det dy/dx|, [B]; a scalar where it is the same for every example. */
export type LogDeterminant = Tensor;

export interface Forward {
  readonly y: Tensor;
  readonly logDet: LogDeterminant;
}

export interface Inverse {
  readonly x: Tensor;
  /** log |det dx/dy|. */
  readonly logDet: LogDeterminant;
}

/**
 * An invertible map with parameters. Forward goes from data to latents, inverse from latents to data.
 *
 * Shapes: x and y are [B, C, ...].
 */
export interface FlowLayer<P extends TensorTree = TensorTree> {
  init(key: Tensor): P;
  forward(parameters: P, x: Tensor, given: Given): Forward;
  inverse(parameters: P, y: Tensor, given: Given): Inverse;
  /** Parameters fitted to what comes in. */
  prepare?(parameters: P, x: Tensor, given: Given): P;
  /** The shape of y, without the batch, where it is not that of x. */
  shape?(input: Shape): Shape;
}

/** The same, with the random stream of part `stream`. */
export function givenOf({ context, ...rest }: Given, stream: number): Given {
  return { context: subcontext(context, stream), ...rest };
}

export type ChainParameters = Readonly<Record<string, TensorTree>>;

/** Layers one after the other; layer i has the parameters `i`, which are absent where it has none. */
export function chain(layers: readonly FlowLayer[]): FlowLayer<ChainParameters> {
  const treeOf = (parameters: ChainParameters, i: number): TensorTree => parameters[i] ?? {};
  const filled = (trees: readonly TensorTree[]): ChainParameters =>
    Object.fromEntries(trees.flatMap((tree, i) => (Object.keys(tree).length === 0 ? [] : [[String(i), tree]])));
  return {
    init: (key) => filled(layers.map((layer, i) => layer.init(foldKey(key, i)))),
    forward: (parameters, x, given) => {
      let y = x;
      let logDet: Tensor | undefined;
      layers.forEach((layer, i) => {
        const step = layer.forward(treeOf(parameters, i), y, givenOf(given, i));
        y = step.y;
        logDet = logDet?.add(step.logDet) ?? step.logDet;
      });
      return { y, logDet: logDet ?? x.sum().mul(0) };
    },
    inverse: (parameters, y, given) => {
      let x = y;
      let logDet: Tensor | undefined;
      for (let i = layers.length - 1; i >= 0; i--) {
        const step = layers[i].inverse(treeOf(parameters, i), x, givenOf(given, i));
        x = step.x;
        logDet = logDet?.add(step.logDet) ?? step.logDet;
      }
      return { x, logDet: logDet ?? y.sum().mul(0) };
    },
    prepare: (parameters, x, given) => {
      let y = x;
      const trees = layers.map((layer, i) => {
        const own = givenOf(given, i);
        const before = treeOf(parameters, i);
        const tree = layer.prepare?.(before, y, own) ?? before;
        y = layer.forward(tree, y, own).y;
        return tree;
      });
      return filled(trees);
    },
    shape: (input) => layers.reduce((shape, layer) => layer.shape?.(shape) ?? shape, input),
  };
}

/** A layer the other way round: what was its inverse leads from data to latents. */
export function inverted<P extends TensorTree>(layer: FlowLayer<P>): FlowLayer<P> {
  return {
    init: (key) => layer.init(key),
    forward: (parameters, x, given) => {
      const { x: y, logDet } = layer.inverse(parameters, x, given);
      return { y, logDet };
    },
    inverse: (parameters, y, given) => {
      const { y: x, logDet } = layer.forward(parameters, y, given);
      return { x, logDet };
    },
  };
}
