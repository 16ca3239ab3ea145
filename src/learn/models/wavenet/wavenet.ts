/** A WaveNet: which of the levels of a sound comes next, by convolutions that see ever longer stretches of the past. */

import { GalateaError } from "../../../core/base/index.ts";
import { concat, foldKey, type Tensor, type TensorTree, tensor, zeros } from "../../../core/trace/index.ts";
import {
  type Context,
  conv1d,
  embedding,
  evaluationContext,
  type Initializer,
  linear,
  type Module,
  subcontext,
} from "../../nn/index.ts";
import type { Memory, Stepping, TokenNetwork } from "../sequence/token-network.ts";

export interface WaveNetOptions {
  /** Levels of a sample, such as 256 of mu-law. */
  readonly vocabulary: number;
  /** Channels of the residual path and of the gates. */
  readonly channels: number;
  /** Channels of what all layers add up to. */
  readonly skip: number;
  /** Layers of a cycle, whose dilations are 1, 2, 4 and so on, and how many cycles. */
  readonly layers: number;
  readonly cycles: number;
  /** Size of the memory's places, which tell all layers what to sound like; there is none where absent. */
  readonly memory?: number;
  /** Samples that one place of the memory is heard for, one place after the other; all hear their mean where absent. */
  readonly span?: number;
}

/** A type, not an interface, so that it is a parameter tree. */
export type WaveNetLayer = {
  /** Filter and gate: [2 channels, channels, 2]. */
  readonly dilated: { readonly weight: Tensor; readonly bias: Tensor };
  readonly told?: { readonly weight: Tensor };
  /** To the residual path and to the sum: [channels + skip, channels, 1]. */
  readonly mix: { readonly weight: Tensor; readonly bias: Tensor };
};

export type WaveNetParameters = {
  readonly tokens: { readonly weight: Tensor };
  readonly layers: readonly WaveNetLayer[];
  readonly hidden: TensorTree;
  readonly head: TensorTree;
};

/**
 * First weights of levels, [levels, size], with columns cos(pi c (v + 1/2) / levels): neighbouring levels get similar
 * weights, so that a network need not learn of each level apart that they are near. Columns have deviation `scale`.
 */
const orderedLevels =
  (scale: number): Initializer =>
  (_, [levels, size]) => {
    const weights = Array.from({ length: levels * size }, (_, i) => {
      const [v, c] = [Math.floor(i / size), (i % size) + 1];
      return scale * Math.SQRT2 * Math.cos((Math.PI * c * (v + 0.5)) / levels);
    });
    return tensor(weights, [levels, size]);
  };

/** How many samples the next one depends on. */
export function receptiveField({ layers, cycles }: Pick<WaveNetOptions, "layers" | "cycles">): number {
  return 1 + cycles * (2 ** layers - 1);
}

/**
 * Gated layers of dilated causal convolutions of two taps, with residual and skip connections.
 *
 * z = tanh(W_f * x + V_f m) sigmoid(W_g * x + V_g m); x' = x + R z; the scores are of the sum of all S z
 *
 * With a memory m is its mean (global conditioning), or, with a span, what the memory says of the time of the sample (local
 * conditioning).
 *
 * Shapes: see {@link TokenNetwork}.
 * @throws GalateaError `config` when there is a memory and none was announced, or the other way round, or its places do not
 *   last for all samples.
 *
 * Source: van den Oord et al., "WaveNet: a generative model for raw audio" (2016), sections 2.1 to 2.5; that first weights
 * know the order of levels is ours.
 */
export function waveNet(options: WaveNetOptions): TokenNetwork<WaveNetParameters> {
  const { vocabulary, channels, skip, layers, cycles, memory: size, span } = options;
  const dilations = Array.from({ length: layers * cycles }, (_, i) => 2 ** (i % layers));
  const table = embedding({ count: vocabulary, size: channels, init: orderedLevels(0.5) });
  const dilated = conv1d({ inputs: channels, outputs: 2 * channels, kernel: 2 });
  const mix = conv1d({ inputs: channels, outputs: channels + skip, kernel: 1 });
  const told = size === undefined ? undefined : linear({ inputs: size, outputs: 2 * channels, bias: false });
  const [hidden, head] = [
    linear({ inputs: skip, outputs: skip }),
    linear({ inputs: skip, outputs: vocabulary, init: orderedLevels(skip ** -0.5) }),
  ] as unknown as Module[];

  /** What each layer is told at each place of the memory, [B, S, 2 channels]; a single place without a span. */
  const tellings = (parameters: WaveNetParameters, memory: Memory | undefined, context: Context, samples: number) => {
    if ((memory === undefined) !== (size === undefined)) {
      const seen = memory ? "got a memory that was not announced" : "got no memory";
      throw new GalateaError("config", "waveNet", seen, "give one together with its size, or neither");
    }
    if (!memory || !told) return undefined;
    const places = span === undefined ? memory.places.mean(1, true) : memory.places;
    const [batch, count] = places.shape;
    if (span !== undefined && count * span < samples) {
      const seen = `${count} places of memory last for ${count * span} samples`;
      throw new GalateaError("config", "waveNet", seen, `enough for all ${samples}`);
    }
    const rows = places.reshape([batch * count, size as number]);
    return parameters.layers.map((own) =>
      told.apply(own.told as never, rows, context).reshape([batch, count, 2 * channels]),
    );
  };
  /** One layer over rows of channels: what it adds to them, and to the sum of all layers. */
  const layer = (own: WaveNetLayer, before: Tensor, x: Tensor, shift: Tensor | undefined): Tensor[] => {
    // Products, not convolutions: two taps are one product of rows twice as long, in training as in generation.
    const taps = own.dilated.weight.transpose([0, 2, 1]).reshape([2 * channels, 2 * channels]);
    const sums = concat([before, x], 1).matmul(taps, { transposeB: true }).add(own.dilated.bias);
    const [filter, open] = (shift ? sums.add(shift) : sums).split(2, 1);
    const z = filter.tanh().mul(open.sigmoid());
    const rows = own.mix.weight.reshape([channels + skip, channels]);
    return z.matmul(rows, { transposeB: true }).add(own.mix.bias).split([channels, skip], 1);
  };
  const scores = (parameters: WaveNetParameters, sum: Tensor, context: Context): Tensor => {
    const inner = hidden.apply(parameters.hidden, sum.relu(), context).relu();
    return head.apply(parameters.head, inner, subcontext(context, 1));
  };

  return {
    vocabulary,
    init: (key) => ({
      tokens: table.init(foldKey(key, 0)),
      layers: dilations.map((_, i) => {
        const own = foldKey(key, i + 3);
        return {
          dilated: dilated.init(foldKey(own, 0)) as WaveNetLayer["dilated"],
          ...(told && { told: told.init(foldKey(own, 1)) as { weight: Tensor } }),
          mix: mix.init(foldKey(own, 2)) as WaveNetLayer["mix"],
        };
      }),
      hidden: hidden.init(foldKey(key, 1)),
      head: head.init(foldKey(key, 2)),
    }),
    read: (parameters, tokens, memory, context) => {
      const [batch, count] = tokens.shape;
      const shifts = tellings(parameters, memory, context, count);
      /** What is told, for each sample: [B T, 2 channels]. */
      const atSamples = (shift: Tensor): Tensor => {
        const [, places, width] = shift.shape;
        const times = span ?? count;
        const repeated = shift.reshape([batch, places, 1, width]).expand([batch, places, times, width]);
        const all = repeated.reshape([batch, places * times, width]);
        return (places * times === count ? all : all.slice(1, 0, count)).reshape([batch * count, width]);
      };
      let x = table.apply(parameters.tokens, tokens, context).reshape([batch * count, channels]);
      let sum: Tensor | undefined;
      parameters.layers.forEach((own, i) => {
        // Before the beginning there is silence, 0.
        const late = x.reshape([batch, count, channels]).pad([0, dilations[i], 0], [0, 0, 0]).slice(1, 0, count);
        const before = late.reshape([batch * count, channels]);
        const [residual, part] = layer(own, before, x, shifts && atSamples(shifts[i]));
        x = x.add(residual);
        sum = sum ? sum.add(part) : part;
      });
      const total = scores(parameters, sum ?? zeros([batch * count, skip]), context);
      return { logits: total.reshape([batch, count, vocabulary]), inside: {} };
    },
    begin: (parameters, { batch, most }, memory): Stepping => {
      const context = evaluationContext();
      const shifts = tellings(parameters, memory, context, most);
      return {
        // What each layer read, as long ago as its second tap reaches.
        state: dilations.map((dilation) => zeros([batch, dilation, channels])) as never,
        step: (state, token, place) => {
          let x = table.apply(parameters.tokens, token, context); // [B, channels]
          let sum: Tensor | undefined;
          const next = parameters.layers.map((own, i) => {
            const past = (state as unknown as readonly Tensor[])[i];
            const at = place.mod(dilations[i]);
            const before = past.dynamicSlice(1, at, 1).reshape([batch, channels]);
            const kept = past.dynamicUpdateSlice(1, at, x.reshape([batch, 1, channels]));
            const shift = shifts?.[i];
            const now = span === undefined ? shift : shift?.dynamicSlice(1, place.div(span), 1);
            const [residual, part] = layer(own, before, x, now?.reshape([batch, 2 * channels]));
            x = x.add(residual);
            sum = sum ? sum.add(part) : part;
            return kept;
          });
          return { logits: scores(parameters, sum ?? zeros([batch, skip]), context), state: next as never };
        },
      };
    },
  };
}
