/** An encoder of recurrent networks: tokens, or vectors such as a recording's features, read in both directions. */

import { foldKey, range, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import { dropout, embedding, initializers, lstm, subcontext } from "../../nn/index.ts";
import type { Encoder } from "../sequence/token-network.ts";
import type { ViewAxis } from "../view.ts";
import { gatesOf, gateViews } from "./gate-views.ts";

export interface LstmEncoderOptions {
  /** The field of the batch that it reads: int32 [B, S], the tokens, or without `vocabulary` float32 [B, S, inputs]. */
  readonly field: string;
  /** Number of tokens; of vectors, none. */
  readonly vocabulary?: number;
  /** Size of a token's vector, or of the vectors. */
  readonly inputs: number;
  /** Size of the states of each direction. */
  readonly hidden: number;
  readonly layers: number;
  /** True where absent. */
  readonly bidirectional?: boolean;
  readonly dropout?: number;
  /** The token that fills sequences up, which nobody sees; there is none where absent. */
  readonly pad?: number;
  /** Of vectors: the field that says how many of them count, int32 [B]; all where absent. */
  readonly length?: string;
}

/** A type, not an interface, so that it is a parameter tree. */
export type LstmEncoderParameters = { readonly tokens?: { readonly weight: Tensor }; readonly recurrent: TensorTree };

/** How many numbers stand at each place that an encoder of these options gives. */
export function lstmEncoderSize({ hidden, bidirectional = true }: LstmEncoderOptions): number {
  return bidirectional ? 2 * hidden : hidden;
}

/**
 * Hidden states of both directions at each place.
 *
 * Padding leaves the states as they are, in both directions: it changes nothing.
 *
 * Shapes: -> places [B, S, directions hidden]. `inside` holds gates and cells of both directions, `forwardForget` and so on,
 * [B, layers, S, hidden] each.
 *
 * Source: Schuster and Paliwal, "Bidirectional recurrent neural networks" (1997).
 */
export function lstmEncoder(options: LstmEncoderOptions): Encoder<LstmEncoderParameters> {
  const { field, vocabulary, inputs, hidden, layers, bidirectional = true, dropout: rate = 0, pad, length } = options;
  const table =
    vocabulary === undefined
      ? undefined
      : embedding({ count: vocabulary, size: inputs, init: initializers.normal(inputs ** -0.5) });
  const recurrent = lstm({ inputs, hidden, layers, bidirectional, dropout: rate, forgetBias: 1 });
  const drop = dropout(rate);
  const axis: ViewAxis =
    vocabulary === undefined
      ? { kind: "places", field, ...(length !== undefined && { count: length }) }
      : { kind: "tokens", field, offset: 0 };
  const directions = bidirectional ? ["forward", "backward"] : ["forward"];
  return {
    axis,
    views: Object.assign({}, ...directions.map((name) => gateViews(axis, `encoder-${name}`, name))),
    init: (key) => ({
      ...(table && { tokens: table.init(foldKey(key, 0)) }),
      recurrent: recurrent.init(foldKey(key, 1)),
    }),
    encode: (parameters, batch, context) => {
      const given = batch[field];
      const [rows, count] = given.shape;
      let visible: Tensor | undefined;
      if (table && pad !== undefined) visible = given.notEqual(pad);
      if (length !== undefined) {
        const lengths = batch[length].reshape([rows, 1]);
        visible = range(count, "int32").reshape([1, count]).less(lengths);
      }
      const vectors = table && parameters.tokens ? table.apply(parameters.tokens as never, given, context) : given;
      const x = drop.apply({}, vectors, subcontext(context, 0));
      const run = recurrent.run(parameters.recurrent as never, x, subcontext(context, 1), undefined, visible);
      const stepsOf = (which: number) => run.steps.filter((_, i) => i % directions.length === which);
      const inside = Object.assign({}, ...directions.map((name, which) => gatesOf(stepsOf(which), name)));
      return { places: run.output, ...(visible && { visible }), ...(table && { tokens: given }), inside };
    },
  };
}
