/** What tests of autoregressive models share: parameters away from their start, and all states of a tiny grid. */

import { type Key, keyFromSeed, mapTree, type Tensor, type TensorTree, type Tree } from "../../src/core/index.ts";
import { constantKey, foldKey, randomNormal } from "../../src/core/trace/index.ts";

/** Initial parameters with noise on each, so that no bias is 0 and no output nearly constant. */
export function stirred<P extends TensorTree>(family: { init(key: Tensor): P }, seed: number, scale = 0.3): P {
  const key: Key = keyFromSeed(seed);
  let stream = 1;
  return mapTree<Tensor, Tensor>(family.init(foldKey(constantKey(key), 0)) as Tree<Tensor>, (leaf) =>
    leaf.add(randomNormal(foldKey(constantKey(key), stream++), leaf.shape).mul(scale)),
  ) as P;
}

/** All sequences of `cells` numbers below `levels`, one after the other; the first number counts most. */
export function allStates(cells: number, levels: number): number[][] {
  return Array.from({ length: levels ** cells }, (_, state) =>
    Array.from({ length: cells }, (_unused, cell) => Math.floor(state / levels ** (cells - 1 - cell)) % levels),
  );
}

/** Sum over states of (observed - expected)^2 / expected. */
export function chiSquare(counts: readonly number[], probabilities: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce(
    (sum, count, i) => sum + (count - total * probabilities[i]) ** 2 / (total * probabilities[i]),
    0,
  );
}
