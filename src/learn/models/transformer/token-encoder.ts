/** A transformer's encoder: every token sees all others. */

import { stack, type Tensor } from "../../../core/trace/index.ts";
import { subcontext } from "../../nn/index.ts";
import type { Encoder } from "../sequence/token-network.ts";
import { type TokenDecoderParameters, type TransformerNetworkOptions, transformerParts } from "./token-decoder.ts";

export interface TokenEncoderOptions extends TransformerNetworkOptions {
  /** The field of the batch that it reads, int32 [B, S]. */
  readonly field: string;
  /** The token that fills sequences up, which nobody sees; there is none where absent. */
  readonly pad?: number;
}

/**
 * Tokens as vectors that know of one another.
 *
 * Shapes: int32 [B, S] -> places [B, S, width]. `inside` holds `encoderAttention`, [B, depth heads, S, S].
 * @throws GalateaError as {@link tokenDecoder} does.
 *
 * Source: Vaswani et al., "Attention is all you need" (2017).
 */
export function tokenEncoder(options: TokenEncoderOptions): Encoder<TokenDecoderParameters> {
  const { field, pad, heads } = options;
  const parts = transformerParts(options, { causal: false, cross: false });
  const axis = { kind: "tokens", field, offset: 0 } as const;
  const title = "what each token of the source sees of the others";
  return {
    axis,
    views: { encoderAttention: { kind: "attention", title, rows: axis, columns: axis, heads } },
    init: parts.init,
    encode: (parameters, batch, context) => {
      const tokens = batch[field];
      const [rows, count] = tokens.shape;
      parts.requirePlaces(count, tokens);
      const visible = pad === undefined ? undefined : tokens.notEqual(pad);
      const bias = parts.distances(parameters, count);
      const mask = {
        ...(visible && { visible: visible.reshape([rows, 1, 1, count]) }),
        ...(bias && { bias }),
      };
      const seen: Tensor[] = [];
      let x = parts.embed(parameters, tokens, undefined, context);
      parts.passes(parameters).forEach((own, i) => {
        x = parts.enter(x, i, undefined);
        const { output, weights } = parts.block.apply(own, x, { mask }, subcontext(context, i));
        x = output;
        seen.push(weights);
      });
      return {
        places: parts.finish(parameters, x, context),
        ...(visible && { visible }),
        tokens,
        inside: { encoderAttention: stack(seen, 1).reshape([rows, seen.length * heads, count, count]) },
      };
    },
  };
}
