/** What recurrent layers share: layers over layers, both directions, dropout between, PyTorch's parameters.
 *
 * Inside, sequences are [T, features, B]: each step is then weight x state, a product whose right operand is small,
 * which is what a matrix product kernel packs. */

import { formatShape, GalateaError, mapTree, type Shape, type Tree } from "../../core/base/index.ts";
import { concat, foldKey, type Tensor, zeros } from "../../core/trace/index.ts";
import { type Context, subcontext } from "./context.ts";
import { dropout } from "./dropout.ts";
import { type Initializer, uniform } from "./initializers.ts";
import type { Module } from "./module.ts";

export interface RecurrentOptions {
  /** Size of the vectors that come in. */
  readonly inputs: number;
  /** Size of a hidden state. */
  readonly hidden: number;
  /** Layers, each over the hidden states of the one below; 1 where absent. */
  readonly layers?: number;
  /** Whether each layer also runs from the end to the beginning; hidden states of both stand side by side. */
  readonly bidirectional?: boolean;
  /** Share of the hidden states between layers that is set to 0 in training; 0 where absent. */
  readonly dropout?: number;
  /** Of all parameters; `uniform(-b, b)` with b = 1 / sqrt(hidden) where absent, as in PyTorch. */
  readonly init?: Initializer;
}

/**
 * PyTorch's names: `weight_ih_l0` [gates * hidden, inputs], `weight_hh_l0` [gates * hidden, hidden], `bias_ih_l0` and
 * `bias_hh_l0` [gates * hidden]; `_l1` and so on for further layers, `_l0_reverse` for the other direction.
 */
export type RecurrentParameters = Readonly<Record<string, Tensor>>;

/** What a recurrent layer gives: S is its state and G what its gates let through, as records of tensors. */
export interface Recurrence<S, G> {
  /** The hidden states of the last layer, [B, T, directions * hidden]. */
  readonly output: Tensor;
  /** The state after the last step, each [layers * directions, B, hidden], in PyTorch's order. */
  readonly last: S;
  /** Of each layer and direction, in the same order, what happened at each step: [B, T, hidden] each. */
  readonly steps: readonly G[];
}

/** A recurrent layer: as a module it maps [B, T, inputs] to the hidden states [B, T, directions * hidden]. */
export interface RecurrentLayer<S, G> extends Module<RecurrentParameters> {
  /**
   * The same with all that there is to see; what nobody reads is not computed.
   * @param start the state before the first step, shaped as `last`; zeros where absent
   * @param counts bool [B, T]: false at places that are padding, which leave the state as it is; all count where absent
   * @throws GalateaError `shape`, while tracing, when x or the start has another shape.
   */
  run(parameters: RecurrentParameters, x: Tensor, context: Context, start?: S, counts?: Tensor): Recurrence<S, G>;
}

/** The parameters of one layer in one direction. */
export interface CellParameters {
  readonly weightInput: Tensor;
  readonly weightHidden: Tensor;
  /** As columns [gates * hidden, 1]. */
  readonly biasInput: Tensor;
  readonly biasHidden: Tensor;
}

type State = Readonly<Record<string, Tensor>>;

export interface Cell<S extends State, G extends State & { readonly hidden: Tensor }> {
  /** For messages. */
  readonly name: string;
  readonly gates: number;
  /** The names of the state's parts. */
  readonly parts: readonly (keyof S & string)[];
  /**
   * All steps over x [T, inputs, B] from a state of [hidden, B] each; what it gives of each step is [T, hidden, B].
   * `counts`, where given, is float32 [T, 1, B]: 0 where a step leaves the state as it is; see {@link unlessPadding}.
   */
  readonly scan: (
    parameters: CellParameters,
    x: Tensor,
    start: S,
    reverse: boolean,
    counts: Tensor | undefined,
  ) => { readonly last: S; readonly steps: G };
}

/** What a step sees: what enters at it, and whether it counts. A type, so that it can be scanned over. */
export type Entering = { readonly entered: Tensor; readonly counts?: Tensor };

/** The new state where a step counts, the old one at padding. */
export function unlessPadding(next: Tensor, before: Tensor, counts: Tensor | undefined): Tensor {
  return counts ? before.add(next.sub(before).mul(counts)) : next;
}

/** Names and shapes of the parameters, in PyTorch's order. */
function shapesOf(rows: number, options: Required<RecurrentOptions>): [name: string, shape: Shape][] {
  const { inputs, hidden } = options;
  return directionsOf(options).flatMap(({ layer, suffix, directions }) => [
    [`weight_ih_${suffix}`, [rows, layer === 0 ? inputs : directions * hidden]],
    [`weight_hh_${suffix}`, [rows, hidden]],
    [`bias_ih_${suffix}`, [rows]],
    [`bias_hh_${suffix}`, [rows]],
  ]);
}

function directionsOf({ layers, bidirectional }: Required<RecurrentOptions>) {
  const directions = bidirectional ? 2 : 1;
  return Array.from({ length: layers * directions }, (_, i) => {
    const layer = Math.floor(i / directions);
    const reverse = i % directions === 1;
    return { layer, reverse, directions, suffix: `l${layer}${reverse ? "_reverse" : ""}` };
  });
}

function requireCounts(name: string, options: Required<RecurrentOptions>): void {
  for (const option of ["inputs", "hidden", "layers"] as const) {
    const seen = options[option];
    if (Number.isInteger(seen) && seen > 0) continue;
    throw new GalateaError("config", name, `${option} is ${seen}`, "it must be a whole number of at least 1");
  }
}

/** A recurrent layer of a cell. */
export function recurrent<S extends State, G extends State & { readonly hidden: Tensor }>(
  cell: Cell<S, G>,
  given: RecurrentOptions,
): RecurrentLayer<S, G> {
  const bound = 1 / Math.sqrt(given.hidden);
  const defaults = { layers: 1, bidirectional: false, dropout: 0, init: uniform(-bound, bound) };
  const options: Required<RecurrentOptions> = { ...defaults, ...given };
  requireCounts(cell.name, options);
  const { inputs, hidden } = options;
  const all = directionsOf(options);
  const drop = dropout(options.dropout);

  const run: RecurrentLayer<S, G>["run"] = (parameters, x, context, start, counts) => {
    const { path } = parameters.weight_ih_l0;
    if (x.rank !== 3 || x.shape[2] !== inputs) {
      const seen = `${cell.name}: its input has shape ${formatShape(x.shape)}`;
      throw new GalateaError("shape", path, seen, `it must be [B, T, ${inputs}]`);
    }
    const [batch] = x.shape;
    const wanted = [all.length, batch, hidden];
    const from = start ?? (Object.fromEntries(cell.parts.map((part) => [part, zeros(wanted)])) as S);
    for (const part of cell.parts) {
      if (formatShape(from[part].shape) === formatShape(wanted)) continue;
      const seen = `${cell.name}: the start's ${part} has shape ${formatShape(from[part].shape)}`;
      throw new GalateaError("shape", path, seen, `it must be ${formatShape(wanted)}`);
    }
    const counting = counts?.cast("float32").transpose().unsqueeze(1); // [T, 1, B]
    const found: { readonly last: S; readonly steps: G }[] = [];
    let sequence = x.transpose([1, 2, 0]); // [T, inputs, B]
    for (const [i, { layer, reverse, directions, suffix }] of all.entries()) {
      const column = (name: string): Tensor => parameters[name].reshape([cell.gates * hidden, 1]);
      const weights: CellParameters = {
        weightInput: parameters[`weight_ih_${suffix}`],
        weightHidden: parameters[`weight_hh_${suffix}`],
        biasInput: column(`bias_ih_${suffix}`),
        biasHidden: column(`bias_hh_${suffix}`),
      };
      const own = mapTree<Tensor, Tensor>(from as Tree<Tensor>, (part) =>
        part.slice(0, i, 1).reshape([batch, hidden]).transpose(),
      );
      found.push(cell.scan(weights, sequence, own as S, reverse, counting));
      if (i % directions !== directions - 1) continue;
      const above = concat(
        found.slice(-directions).map(({ steps }) => steps.hidden),
        1,
      );
      sequence = layer === options.layers - 1 ? above : drop.apply({}, above, subcontext(context, layer));
    }
    const lastOf = (part: keyof S): Tensor =>
      concat(found.map(({ last }) => last[part].transpose().reshape([1, batch, hidden])));
    return {
      output: sequence.transpose([2, 0, 1]),
      last: Object.fromEntries(cell.parts.map((part) => [part, lastOf(part)])) as S,
      steps: found.map(({ steps }) => {
        return mapTree<Tensor, Tensor>(steps as Tree<Tensor>, (one) => one.transpose([2, 0, 1])) as G;
      }),
    };
  };

  return {
    init: (key) => {
      const rows = cell.gates * hidden;
      return Object.fromEntries(
        shapesOf(rows, options).map(([name, shape], i) => {
          return [name, options.init(foldKey(key, i), shape, { inputs: shape[1] ?? hidden, outputs: rows })];
        }),
      );
    },
    apply: (parameters, x, context) => run(parameters, x, context).output,
    run,
  };
}
