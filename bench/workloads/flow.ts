/** Our side of the workload `flow`: a RealNVP over vectors. Each layer transforms one half of the features given the
 * other, then the halves change places.
 *
 * Source: Dinh, Sohl-Dickstein and Bengio, "Density estimation using Real NVP" (2017). */

import { keyFromSeed, randomUniform } from "../../src/core/base/index.ts";
import { concat, foldKey, type Tensor, type TensorTree } from "../../src/core/index.ts";
import type { TrainableFamily } from "../../src/learn/models/index.ts";
import { type Context, initializers, linear, type Module, relu, sequential } from "../../src/learn/nn/index.ts";
import type { HostBatch } from "../../src/run/index.ts";
import type { FamilyProgram } from "../family-contender.ts";
import allSizes from "./sizes.json" with { type: "json" };

const sizes = allSizes.flow;
const { batch, features } = sizes;
const half = features / 2;

/** Shift and log scale of one half, from the other: [B, D/2] -> [B, D]. */
function conditioner(): Module {
  const widths = [half, ...sizes.hidden];
  const hidden = sizes.hidden.flatMap((outputs, i) => [linear({ inputs: widths[i], outputs }), relu]);
  // With zeros the layer begins as the identity.
  const zeros = { init: initializers.zeros, biasInit: initializers.zeros };
  return sequential(...hidden, linear({ inputs: widths[widths.length - 1], outputs: features, ...zeros }));
}

const conditioners = Array.from({ length: sizes.layers }, conditioner);

/** log p(x) of each example, [B]. */
function logProb(parameters: readonly TensorTree[], x: Tensor, context: Context): Tensor {
  let z = x;
  let logDeterminant: Tensor | undefined;
  for (const [i, layer] of conditioners.entries()) {
    const [kept, moved] = z.split(2);
    const [shift, raw] = layer.apply(parameters[i], kept, context).split(2);
    const logScale = raw.tanh();
    const contribution = logScale.sum(1);
    logDeterminant = logDeterminant?.add(contribution) ?? contribution;
    z = concat([moved.mul(logScale.exp()).add(shift), kept], 1);
  }
  const prior = z
    .square()
    .add(Math.log(2 * Math.PI))
    .mul(-0.5)
    .sum(1);
  return logDeterminant ? prior.add(logDeterminant) : prior;
}

const family: TrainableFamily = {
  inputs: { x: { dtype: "float32", shape: [features] } },
  init: (key) => conditioners.map((layer, i) => layer.init(foldKey(key, i))),
  phases: [
    {
      name: "train",
      trains: () => true,
      loss: (parameters, { x }, context) => {
        return {
          loss: logProb(parameters as readonly TensorTree[], x, context)
            .mean()
            .neg(),
          metrics: {},
        };
      },
    },
  ],
};

/** Neighbouring features are correlated: x[i] = e[i] + e[i - 1] / 2 with standard normal e. */
function makeBatch(index: number): HostBatch {
  const key = keyFromSeed(index);
  const normal = (counter: number): number =>
    Math.sqrt(-2 * Math.log(randomUniform(key, 2 * counter))) *
    Math.cos(2 * Math.PI * randomUniform(key, 2 * counter + 1));
  const data = new Float32Array(batch * features);
  for (let example = 0; example < batch; example++) {
    let before = 0;
    for (let i = 0; i < features; i++) {
      const place = example * features + i;
      const own = normal(place);
      data[place] = own + before / 2;
      before = own;
    }
  }
  return { x: { dtype: "float32", shape: [batch, features], data } };
}

export const program: FamilyProgram = { family, sizes, makeBatch };
