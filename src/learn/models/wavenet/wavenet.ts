/** A WaveNet: which of the levels of a sound comes next, by convolutions that see ever longer stretches of the past. */

import { GalateaError } from "../../../core/base/index.ts";
import { concat, foldKey, frame, type Tensor, type TensorTree, tensor, zeros } from "../../../core/trace/index.ts";
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
import { type LinearPredictionParameters, linearPrediction } from "./linear-prediction.ts";
import { muLawAmplitudes } from "./stretches.ts";

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
  /** What a linear prediction of amplitudes says before the layers say more; scores are the layers' alone where absent. */
  readonly prediction?: {
    /** The first tokens are so many levels of mu-law. */
    readonly levels: number;
    /** Samples that are predicted from. */
    readonly order: number;
  };
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
  readonly prediction?: LinearPredictionParameters;
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
 * With a prediction the layers' scores are added to those of a normal distribution around it: see {@link linearPrediction}.
 *
 * Source: van den Oord et al., "WaveNet: a generative model for raw audio" (2016), sections 2.1 to 2.5; that first weights
 * know the order of levels is ours.
 */
export function waveNet(options: WaveNetOptions): TokenNetwork<WaveNetParameters> {
  const { vocabulary, channels, skip, layers, cycles, memory: size, span, prediction } = options;
  const dilations = Array.from({ length: layers * cycles }, (_, i) => 2 ** (i % layers));
  const table = embedding({ count: vocabulary, size: channels, init: orderedLevels(0.5) });
  const dilated = conv1d({ inputs: channels, outputs: 2 * channels, kernel: 2 });
  const mix = conv1d({ inputs: channels, outputs: channels + skip, kernel: 1 });
  const told = size === undefined ? undefined : linear({ inputs: size, outputs: 2 * channels, bias: false });
  const [hidden, head] = [
    linear({ inputs: skip, outputs: skip }),
    linear({ inputs: skip, outputs: vocabulary, init: orderedLevels(skip ** -0.5) }),
  ] as unknown as Module[];
  const predicted = prediction && linearPrediction({ ...prediction, vocabulary, states: skip, memory: size });

  /** What each layer is told at each place of the memory, [B, S, 2 channels], and factors of the prediction, [B, S, order]; a single
   * place without a span. */
  const tellings = (parameters: WaveNetParameters, memory: Memory | undefined, context: Context, samples: number) => {
    if ((memory === undefined) !== (size === undefined)) {
      const seen = memory ? "got a memory that was not announced" : "got no memory";
      throw new GalateaError("config", "waveNet", seen, "give one together with its size, or neither");
    }
    const factorsOf = (places?: Tensor): Tensor | undefined =>
      parameters.prediction && predicted?.factors(parameters.prediction, places);
    if (!memory || !told) return { layers: undefined, factors: factorsOf()?.unsqueeze(0) };
    const places = span === undefined ? memory.places.mean(1, true) : memory.places;
    const [batch, count] = places.shape;
    if (span !== undefined && count * span < samples) {
      const seen = `${count} places of memory last for ${count * span} samples`;
      throw new GalateaError("config", "waveNet", seen, `enough for all ${samples}`);
    }
    const rows = places.reshape([batch * count, size as number]);
    const layers = parameters.layers.map((own) =>
      told.apply(own.told as never, rows, context).reshape([batch, count, 2 * channels]),
    );
    return { layers, factors: factorsOf(rows)?.reshape([batch, count, prediction?.order ?? 0]) };
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
  /** Scores [N, vocabulary] of the sum of all layers [N, skip], and of the last amplitudes [N, order] by their factors. */
  const scores = (
    parameters: WaveNetParameters,
    sum: Tensor,
    known: { readonly last: Tensor; readonly factors: Tensor } | undefined,
    context: Context,
  ): Tensor => {
    const inner = hidden.apply(parameters.hidden, sum.relu(), context).relu();
    const own = head.apply(parameters.head, inner, subcontext(context, 1));
    if (!predicted || !parameters.prediction || !known) return own;
    return own.add(predicted.scores(parameters.prediction, known.last, known.factors, inner));
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
      ...(predicted && { prediction: predicted.init(foldKey(key, dilations.length + 3)) }),
    }),
    read: (parameters, tokens, memory, context) => {
      const [batch, count] = tokens.shape;
      const { layers: shifts, factors } = tellings(parameters, memory, context, count);
      /** What is told, for each sample: [B T, ...]. */
      const atSamples = (shift: Tensor): Tensor => {
        const [rows, places, width] = shift.shape;
        if (rows === 1 && places === 1) return shift.reshape([1, width]);
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
      const known = prediction &&
        factors && {
          last: frame(
            muLawAmplitudes(tokens, prediction.levels).pad([0, prediction.order - 1], [0, 0]),
            prediction.order,
            1,
          ).reshape([batch * count, prediction.order]),
          factors: atSamples(factors),
        };
      const total = scores(parameters, sum ?? zeros([batch * count, skip]), known, context);
      return { logits: total.reshape([batch, count, vocabulary]), inside: {} };
    },
    begin: (parameters, { batch, most }, memory): Stepping => {
      const context = evaluationContext();
      const { layers: shifts, factors } = tellings(parameters, memory, context, most);
      /** What is told at a sample, [B or 1, ...]. */
      const atSample = (shift: Tensor, place: Tensor): Tensor => {
        const [rows, places, width] = shift.shape;
        const now = places === 1 ? shift : shift.dynamicSlice(1, place.div(span ?? 1), 1);
        return now.reshape([rows, width]);
      };
      return {
        // What each layer read, as long ago as its second tap reaches; then the last amplitudes, the oldest first.
        state: [
          ...dilations.map((dilation) => zeros([batch, dilation, channels])),
          ...(prediction ? [zeros([batch, prediction.order])] : []),
        ] as never,
        step: (state, token, place) => {
          const kept = state as unknown as readonly Tensor[];
          let x = table.apply(parameters.tokens, token, context); // [B, channels]
          let sum: Tensor | undefined;
          const next = parameters.layers.map((own, i) => {
            const at = place.mod(dilations[i]);
            const before = kept[i].dynamicSlice(1, at, 1).reshape([batch, channels]);
            const after = kept[i].dynamicUpdateSlice(1, at, x.reshape([batch, 1, channels]));
            const [residual, part] = layer(own, before, x, shifts && atSample(shifts[i], place));
            x = x.add(residual);
            sum = sum ? sum.add(part) : part;
            return after;
          });
          const last = prediction && newest(kept[dilations.length], muLawAmplitudes(token, prediction.levels));
          const known = last && factors && { last, factors: atSample(factors, place) };
          const logits = scores(parameters, sum ?? zeros([batch, skip]), known, context);
          return { logits, state: [...next, ...(last ? [last] : [])] as never };
        },
      };
    },
  };
}

/** The last values [B, order] with one more, [B], in the place of the oldest. */
function newest(last: Tensor, value: Tensor): Tensor {
  const [batch, order] = last.shape;
  const column = value.reshape([batch, 1]);
  return order === 1 ? column : concat([last.slice(1, 1, order - 1), column], 1);
}
