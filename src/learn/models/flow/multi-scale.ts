/** Flows over images in levels: after each level half of the channels are done. */

import { GalateaError, type Shape, sizeOf } from "../../../core/base/index.ts";
import { concat, foldKey, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import { conv2d, initializers } from "../../nn/index.ts";
import { affine, sumOverEvent } from "../../prob/index.ts";
import { type ChainParameters, chain, type FlowLayer, type Given, givenOf } from "./layer.ts";

export interface MultiScaleOptions {
  /** [C, H, W]. */
  readonly shape: Shape;
  /** Layers of each level, the first one at the images themselves. */
  readonly levels: readonly (readonly FlowLayer[])[];
}

interface Level {
  readonly layers: FlowLayer<ChainParameters>;
  /** What comes out of its layers. */
  readonly shape: Shape;
  /** How what is done after this level depends on what goes on; absent in the last one. */
  readonly prior?: FlowLayer;
}

/** A type, not an interface, so that it is a parameter tree. */
export type LevelParameters = { readonly layers: TensorTree; readonly prior?: TensorTree };

/**
 * The half that is done, made standard normal given the half that goes on: a density of its own for it, whose mean
 * and width a 3 x 3 convolution gives.
 *
 * Shapes: x [B, C, H, W], of which the first half of the channels goes on.
 *
 * Source: Kingma and Dhariwal, "Glow" (2018), as its code has it: "split2d".
 */
function splitPrior(channels: number): FlowLayer {
  const half = channels / 2;
  const zeros = { init: initializers.zeros, biasInit: initializers.zeros };
  const network = conv2d({ inputs: half, outputs: 2 * half, kernel: 3, padding: 1, ...zeros });
  const transform = affine({ bound: 3 });
  const step = (direction: "forward" | "inverse", parameters: TensorTree, x: Tensor, { context }: Given) => {
    const [kept, done] = x.split(2, 1);
    const { y, logDerivative } = transform[direction](done, network.apply(parameters as never, kept, context));
    return { joined: concat([kept, y], 1), logDet: sumOverEvent(logDerivative) };
  };
  return {
    init: (key) => network.init(key),
    forward: (parameters, x, given) => {
      const { joined: y, logDet } = step("forward", parameters, x, given);
      return { y, logDet };
    },
    inverse: (parameters, y, given) => {
      const { joined: x, logDet } = step("inverse", parameters, y, given);
      return { x, logDet };
    },
  };
}

/**
 * Layers in levels; after each one but the last the second half of the channels is done, and goes into the latents.
 *
 * Shapes: x [B, C, H, W] -> [B, D]: what the first level gave comes first.
 * @throws GalateaError `config` when a level has an odd number of channels to divide.
 *
 * Source: Dinh, Sohl-Dickstein and Bengio, "Density estimation using Real NVP" (2017), section 3.6.
 */
export function multiScale({
  shape,
  levels: given,
}: MultiScaleOptions): FlowLayer<Readonly<Record<string, LevelParameters>>> {
  const levels: Level[] = [];
  let current = shape;
  given.forEach((parts, i) => {
    const layers = chain(parts);
    const after = layers.shape?.(current) ?? current;
    if (i === given.length - 1) {
      levels.push({ layers, shape: after });
      return;
    }
    const [channels, ...size] = after;
    if (channels % 2 !== 0) {
      throw new GalateaError("config", `level ${i}`, `${channels} channels`, "their number must be even to be divided");
    }
    levels.push({ layers, shape: after, prior: splitPrior(channels) });
    current = [channels / 2, ...size];
  });
  /** Numbers that are done after each level. */
  const sizes = levels.map(({ shape: after, prior }) => sizeOf(after) / (prior ? 2 : 1));

  return {
    init: (key) =>
      Object.fromEntries(
        levels.map(({ layers, prior }, i) => {
          const own = foldKey(key, i);
          const tree = { layers: layers.init(foldKey(own, 0)), ...(prior && { prior: prior.init(foldKey(own, 1)) }) };
          return [String(i), tree];
        }),
      ),
    forward: (parameters, x, context) => {
      let going = x;
      const done: Tensor[] = [];
      const logDets: Tensor[] = [];
      levels.forEach(({ layers, prior }, i) => {
        const trees = parameters[i];
        const changed = layers.forward(trees.layers as ChainParameters, going, givenOf(context, i));
        logDets.push(changed.logDet);
        if (!prior || !trees.prior) {
          done.push(changed.y.flatten());
          return;
        }
        const split = prior.forward(trees.prior, changed.y, context);
        logDets.push(split.logDet);
        const [goesOn, ready] = split.y.split(2, 1);
        done.push(ready.flatten());
        going = goesOn;
      });
      return { y: concat(done, 1), logDet: logDets.reduce((sum, one) => sum.add(one)) };
    },
    inverse: (parameters, y, context) => {
      const parts = y.split(sizes, 1);
      const [batch] = y.shape;
      let going: Tensor | undefined;
      const logDets: Tensor[] = [];
      for (let i = levels.length - 1; i >= 0; i--) {
        const { layers, prior, shape: after } = levels[i];
        const trees = parameters[i];
        const [channels, ...size] = after;
        let joined: Tensor;
        if (prior && trees.prior && going) {
          const ready = parts[i].reshape([batch, channels / 2, ...size]);
          const split = prior.inverse(trees.prior, concat([going, ready], 1), context);
          logDets.push(split.logDet);
          joined = split.x;
        } else {
          joined = parts[i].reshape([batch, ...after]);
        }
        const changed = layers.inverse(trees.layers as ChainParameters, joined, givenOf(context, i));
        logDets.push(changed.logDet);
        going = changed.x;
      }
      return { x: going ?? y, logDet: logDets.reduce((sum, one) => sum.add(one)) };
    },
    prepare: (parameters, x, context) => {
      let going = x;
      const trees = levels.map(({ layers, prior }, i): [string, LevelParameters] => {
        const own = givenOf(context, i);
        const before = parameters[i];
        const fitted = layers.prepare?.(before.layers as ChainParameters, going, own) ?? before.layers;
        const { y } = layers.forward(fitted as ChainParameters, going, own);
        if (prior) [going] = y.split(2, 1);
        return [String(i), { ...before, layers: fitted }];
      });
      return Object.fromEntries(trees);
    },
    shape: () => [sizeOf(shape)],
  };
}
