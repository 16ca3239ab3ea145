/** Muon: matrices and kernels move by orthogonal steps, everything else as AdamW moves it. */

import { leavesOf, treeFromLeaves } from "../../core/base/index.ts";
import { type Tensor, type TensorTree, zeros } from "../../core/trace/index.ts";
import { type AdamOptions, type AdamState, adamW } from "./adam.ts";
import { type Optimizer, requireOption, type UpdateArguments, updateScope } from "./optimizer.ts";

export interface MuonOptions extends AdamOptions {
  /** Share of the momentum that is kept, 0 to 1; 0.95 where absent. */
  readonly momentum?: number;
  /** Which parameters are matrices between hidden layers; {@link isHiddenMatrix} where absent. */
  readonly isMatrix?: (path: string, parameter: Tensor) => boolean;
}

/** Leaves by their paths. */
type Leaves = Readonly<Record<string, Tensor>>;

/** How many maps lie one upon another in a parameter: queries, keys and values; the gates of an LSTM. */
function partsOf(path: string, leaves: Leaves): number {
  if (path.endsWith("in_proj_weight")) return 3;
  // PyTorch's names; [gates * hidden, hidden] says how many gates.
  if (!/\bweight_[ih]h_l\d+(_reverse)?$/.test(path)) return 1;
  const [rows, hidden] = leaves[path.replace("weight_ih", "weight_hh")].shape;
  return rows / hidden;
}

/** What matrices remember, and what AdamW does of all others; each leaf by its path. */
export type MuonState = { readonly velocity: Leaves; readonly rest: AdamState };

/**
 * Rows for tokens, places and classes are no maps from one hidden layer to another; triangles are half a map each, and an
 * orthogonal step would fill what they hold at zero.
 */
const noMaps: ReadonlySet<string> = new Set(["tokens", "positions", "order", "head", "embedding", "lower", "upper"]);

/**
 * A map from hidden features to others: a matrix [out, in] or a convolution's kernel [out, in, ...], in which both are more
 * than 1, in no layer that is named as tables and triangles are.
 */
export function isHiddenMatrix(path: string, { shape }: Pick<Tensor, "shape">): boolean {
  const isMatrix = shape.length >= 2 && shape[0] > 1 && shape[1] > 1;
  return isMatrix && !path.split(".").some((layer) => noMaps.has(layer));
}

/**
 * Muon for matrices [n, m] and kernels [n, ...], whose other axes are one; AdamW for all other parameters.
 *
 * v' = momentum v + (1 - momentum) g;  d = momentum v' + (1 - momentum) g (Nesterov);
 * p' = (1 - learningRate weightDecay) p - learningRate 0.2 sqrt(max(n, m)) orthogonalize(d)
 *
 * Maps that lie one upon another in a parameter (queries, keys and values; the gates of an LSTM or a GRU) are as many matrices.
 * The factor gives a matrix steps as large as Adam's are by root mean square, so that both take one learning rate.
 *
 * Units and ranges: momentum within [0, 1); others as Adam's.
 * @throws GalateaError `config` when an option is outside its range.
 *
 * Source: Jordan et al., "Muon: an optimizer for hidden layers in neural networks" (2024); the factor: Liu et al., "Muon is
 * scalable for LLM training" (2025), section 2.2.
 */
export function muon({
  momentum = 0.95,
  isMatrix = isHiddenMatrix,
  ...options
}: MuonOptions = {}): Optimizer<MuonState> {
  requireOption("muon", "momentum", momentum, momentum >= 0 && momentum < 1, "within [0, 1)");
  const { weightDecay = 0.01 } = options;
  const others = adamW(options);
  const divide = (tree: TensorTree, isIn: (path: string, leaf: Tensor) => boolean): Leaves =>
    Object.fromEntries(
      leavesOf<Tensor>(tree).flatMap(({ path, value }) => (isIn(path, value) ? [[path, value] as const] : [])),
    );
  return {
    init: (parameters) => {
      const matrices = Object.entries(divide(parameters, isMatrix));
      return {
        velocity: Object.fromEntries(matrices.map(([path, { shape }]) => [path, zeros(shape)])),
        rest: others.init(divide(parameters, (path, leaf) => !isMatrix(path, leaf))),
      };
    },
    update: <T extends TensorTree>(args: UpdateArguments<T, MuonState>) => {
      const { parameters, gradients, state, step, learningRate } = args;
      const isMoved = (path: string): boolean => Object.hasOwn(state.velocity, path);
      const slopes = divide(gradients, isMoved);
      const velocity: Record<string, Tensor> = {};
      const moved: Record<string, Tensor> = {};
      const before = divide(parameters, () => true);
      for (const [path, parameter] of Object.entries(divide(parameters, isMoved))) {
        const scope = updateScope(path);
        const slope = slopes[path].within(scope).mul(1 - momentum);
        const after = state.velocity[path].within(scope).mul(momentum).add(slope);
        const parts = partsOf(path, before);
        const rows = parameter.shape[0] / parts;
        const columns = parameter.size / parameter.shape[0];
        const direction = orthogonalize(after.mul(momentum).add(slope).reshape([parts, rows, columns]));
        const size = 0.2 * Math.sqrt(Math.max(rows, columns));
        const scaled = direction.reshape(parameter.shape).mul(size).add(parameter.within(scope).mul(weightDecay));
        velocity[path] = after.within(undefined);
        moved[path] = parameter.sub(scaled.mul(learningRate)).within(undefined);
      }
      const isOther = (path: string): boolean => !isMoved(path);
      const rest = others.update({
        parameters: divide(parameters, isOther),
        gradients: divide(gradients, isOther),
        state: state.rest,
        step,
        learningRate,
      });
      const all: Leaves = { ...rest.parameters, ...moved };
      const leaves = leavesOf<Tensor>(parameters).map(({ path }) => all[path]);
      return {
        parameters: treeFromLeaves<Tensor, Tensor>(parameters, leaves) as T,
        state: { velocity, rest: rest.state },
      };
    },
  };
}

/** Of the polynomial a x + b x^3 + c x^5, which five times in a row brings all of 0 to 1 but the smallest near 1. */
const [a, b, c] = [3.4445, -4.775, 2.0315];
const rounds = 5;

/**
 * A matrix with the same singular vectors whose singular values all lie near 1, between about 0.7 and 1.2.
 *
 * X = G / |G|, then five times X' = a X + (b A + c A^2) X with A = X X^T: Newton and Schulz's iteration.
 *
 * Shapes: [..., n, m] -> the same, each matrix by itself.
 */
export function orthogonalize(matrix: Tensor): Tensor {
  const [rows, columns] = matrix.shape.slice(-2);
  const isTall = rows > columns;
  const norm = matrix.square().sum([-2, -1], true).sqrt().add(1e-7);
  let x = (isTall ? matrix.moveAxis(-1, -2) : matrix).div(norm);
  for (let round = 0; round < rounds; round++) {
    const products = x.matmul(x, { transposeB: true });
    const change = products.mul(b).add(products.matmul(products).mul(c));
    x = x.mul(a).add(change.matmul(x));
  }
  return isTall ? x.moveAxis(-1, -2) : x;
}
