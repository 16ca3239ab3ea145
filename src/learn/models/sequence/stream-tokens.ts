/** Sequences one token at a time, by the same steps as the loop that makes them whole. */

import { oneHot, type Tensor, type TensorTree, zeros } from "../../../core/trace/index.ts";
import type { Streaming } from "../family.ts";
import { drawNext, type GenerateOptions } from "./generate.ts";
import type { TokenNetwork } from "./token-network.ts";

export interface StreamTokensOptions {
  readonly places: number;
  readonly begin: number;
  readonly end?: number;
  /** How tokens are drawn under the family's controls. */
  readonly drawing: (controls: Readonly<Record<string, number>>) => GenerateOptions;
}

/** A type, so that it is state. */
type StreamState = { readonly network: TensorTree; readonly occurred?: Tensor };

/** The streaming of a network that looks at nothing but what was read. */
export function streamTokens<P extends TensorTree>(
  network: TokenNetwork<P>,
  { places, begin, end, drawing }: StreamTokensOptions,
): Streaming<P> {
  const steppingOf = (parameters: P, count: number) => network.begin(parameters, { batch: count, most: places });
  return {
    places,
    begin,
    ...(end !== undefined && { end }),
    start: (parameters, { count, controls }): StreamState => ({
      network: steppingOf(parameters, count).state,
      ...(controls.repetitionPenalty !== 1 && { occurred: zeros([count, network.vocabulary]) }),
    }),
    next: (parameters, { state: given, token, place, key }, { count, controls }) => {
      const { network: state, occurred: before } = given as StreamState;
      // The token that is read first stands for nothing.
      const isText = place.greater(0).cast("float32");
      const occurred = before?.add(oneHot(token, network.vocabulary).mul(isText));
      const { step } = steppingOf(parameters, count);
      const read = drawNext(step, { token, place, state, occurred }, key, drawing(controls));
      const next: StreamState = { network: read.state, ...(occurred && { occurred }) };
      return { token: read.drawn, state: next };
    },
  };
}
