/** Sounds with a plan: first what each stretch of time shall be like is drawn, as codes, then sample after sample. */

import { GalateaError } from "../../../core/base/index.ts";
import {
  concat,
  constant,
  foldKey,
  full,
  range,
  type Tensor,
  type TensorTree,
  where,
} from "../../../core/trace/index.ts";
import {
  type Context,
  conv1d,
  embedding,
  evaluationContext,
  type Module,
  relu,
  sequential,
  subcontext,
} from "../../nn/index.ts";
import type { Family, TensorBatch } from "../family.ts";
import { drawingControls } from "../sequence/drawing-controls.ts";
import { generate } from "../sequence/generate.ts";
import { requireTokens } from "../sequence/language-model.ts";
import { impossible } from "../sequence/next-token.ts";
import { accuracyOf, tokenLoss, tokenScores } from "../sequence/token-loss.ts";
import type { Memory, Stepping, TokenNetwork } from "../sequence/token-network.ts";
import { type CodebookParameters, codebook, codeUsage } from "../vq-vae/index.ts";
import { requireStretches, type StretchOptions, stretchBands } from "./stretches.ts";

export interface PlannedSoundOptions extends StretchOptions {
  /** Scores samples; its memory has a place of `memory` numbers for each stretch. */
  readonly sound: TokenNetwork<never>;
  /** Scores codes: `planVocabulary` says how many. */
  readonly plan: TokenNetwork<never>;
  readonly memory: number;
  /** Samples of a sound at most. */
  readonly places: number;
  /** The sample before a sound, and the tokens of its end and of what comes behind. */
  readonly begin: number;
  readonly end: number;
  readonly pad: number;
  /** Number of codes. */
  readonly codes: number;
  /** Number of labels that plans are told; none where absent. */
  readonly classes?: number | undefined;
  /** How often plans are learned in a step, each time of other sounds; once where absent. */
  readonly planRepeats?: number;
}

/** A type, not an interface, so that it is a parameter tree. */
export type PlannedSoundParameters = {
  readonly sound: TensorTree;
  readonly plan: TensorTree;
  readonly codebook: CodebookParameters;
  /** Of what the samples hear of the plan. */
  readonly told: { readonly codes: { readonly weight: Tensor }; readonly around: TensorTree };
};

const int = (number: number): Tensor => constant(number, "int32");

/** Share of the codebook's running averages that stays in a step, and of an equal part below which a code moves. */
const following = { decay: 0.99, reviveBelow: 0.03 } as const;

/** The tokens of plans: codes, the end, what comes behind, and a beginning for each label. */
export function planVocabulary({ codes, classes = 1 }: Pick<PlannedSoundOptions, "codes" | "classes">) {
  return { size: codes + 2 + classes, end: codes, pad: codes + 1, begin: codes + 2 } as const;
}

/**
 * Sounds that are planned: each stretch of a sound has a code, that of the nearest of a codebook's energies of mel bands. One
 * network draws the codes of a label one after the other, and how many they are; another the samples, told the codes.
 *
 * -log p(x) <= -log p(c(x)) - log p(x | c(x)), as the codes c are a function of the sound: the bound of a VQ-VAE, whose
 * encoder here is given, not learned.
 *
 * Shapes: reads `tokens` int32 [B, T + 1] and perhaps `label` int32 [B]; samples are `tokens` int32 [count, T]. The condition
 * `tokens` is what a sample begins with: a number below 0 and all after it are free; stretches that it tells whole are
 * planned as they are.
 * Units and ranges: `negativeLogLikelihood` in nats a sound, codes and samples together; `tokens` how many samples it has.
 * @throws GalateaError `config` when stretches and bands do not fit together, or tokens or codes are none of the networks'.
 *
 * Source: van den Oord, Vinyals and Kavukcuoglu, "Neural discrete representation learning" (2017), sections 3.3 and 4.3, for
 * the bound and a WaveNet told codes; Hsu et al., "HuBERT" (2021), section II, for codes that are clusters of spectra.
 */
export function plannedSound(options: PlannedSoundOptions): Family<PlannedSoundParameters> {
  const { sound, plan, memory, places, span, begin, end, pad, codes, classes, bands } = options;
  const own = planVocabulary({ codes, classes });
  requireStretches(options);
  if (plan.vocabulary !== own.size) {
    const seen = `the plan's network scores ${plan.vocabulary} tokens`;
    throw new GalateaError("config", "plannedSound", seen, `${own.size}: codes, an end, padding and beginnings`);
  }
  requireTokens({ begin, end, pad }, sound.vocabulary);
  const most = Math.ceil(places / span);
  const book = codebook({ count: codes, size: bands, ...following });
  // One row more: of stretches where nothing is planned.
  const table = embedding({ count: codes + 1, size: memory });
  const around: Module = sequential(
    conv1d({ inputs: memory, outputs: memory, kernel: 3 }),
    relu,
    conv1d({ inputs: memory, outputs: memory, kernel: 3 }),
  );
  /** Stretches on either side that are heard of. */
  const near = 2;

  /** Sounds without the sample before them. */
  const soundsOf = ({ tokens }: TensorBatch): Tensor => tokens.slice(1, 1, tokens.shape[1] - 1);
  /** Bands of each stretch, one row each: [B S, bands]. */
  const bandsOf = (sounds: Tensor): Tensor => {
    const heard = stretchBands(sounds, options);
    return heard.reshape([heard.shape[0] * heard.shape[1], bands]);
  };
  /** The nearest codes of rows of bands, int32 [B, S]. */
  const codesOf = (parameters: PlannedSoundParameters, heard: Tensor, batch: number): Tensor =>
    book
      .nearest(parameters.codebook, heard)
      .cast("int32")
      .reshape([batch, heard.shape[0] / batch]);
  /** Codes [B, S] of sounds as a plan, int32 [B, S + 1]: codes up to the last stretch, the end where the sound ends. */
  const planOf = (nearest: Tensor, sounds: Tensor): Tensor => {
    const [batch, stretches] = nearest.shape;
    const length = sounds.notEqual(pad).cast("int32").sum(1, true); // [B, 1]
    const count = length.add(span - 1).div(span);
    const at = range(stretches + 1, "int32").reshape([1, stretches + 1]);
    const last = where(sounds.equal(end).any(1, true).and(at.equal(count)), int(own.end), int(own.pad));
    return where(at.less(count), concat([nearest, full([batch, 1], own.pad, "int32")], 1), last);
  };
  /** The first token of each plan, int32 [B]. */
  const beginnings = (batch: number, { label }: TensorBatch): Tensor =>
    classes === undefined ? full([batch], own.begin, "int32") : label.add(own.begin);
  /** What samples are told of plans int32 [B, S]. */
  const memoryOf = ({ told }: PlannedSoundParameters, planned: Tensor, context: Context): Memory => {
    const [batch, count] = planned.shape;
    const nothing = full([batch, near], codes, "int32");
    const all = concat([nothing, planned.minimum(codes), nothing], 1);
    const vectors = table.apply(told.codes, all, context).transpose([0, 2, 1]);
    const heard = vectors.slice(2, near, count).add(around.apply(told.around, vectors, subcontext(context, 1)));
    return { places: heard.transpose([0, 2, 1]) };
  };
  const readPlan = (parameters: PlannedSoundParameters, planned: Tensor, batch: TensorBatch, context: Context) => {
    const first = beginnings(planned.shape[0], batch).reshape([planned.shape[0], 1]);
    const read = concat([first, planned.slice(1, 0, planned.shape[1] - 1)], 1);
    return plan.read(parameters.plan as never, read, undefined, context);
  };
  const readSound = (
    parameters: PlannedSoundParameters,
    planned: Tensor,
    { tokens }: TensorBatch,
    context: Context,
  ) => {
    const heard = memoryOf(parameters, planned.slice(1, 0, planned.shape[1] - 1), subcontext(context, 1));
    return sound.read(parameters.sound as never, tokens.slice(1, 0, tokens.shape[1] - 1), heard, context);
  };
  /** Steps after which a sound ends at sample `first` [B, 1] at the earliest, at `last` at the latest. */
  const endingWithin =
    (step: Stepping["step"], first: Tensor, last: Tensor): Stepping["step"] =>
    (state, token, place) => {
      const read = step(state, token, place);
      const isEnd = range(sound.vocabulary, "int32").equal(end).reshape([1, sound.vocabulary]);
      const isForbidden = where(isEnd, place.less(first), place.greaterEqual(last));
      return { ...read, logits: where(isForbidden, constant(impossible), read.logits) };
    };
  const isOfPlan = (path: string): boolean => path.startsWith("plan.");

  return {
    name: "planned-sound",
    inputs: {
      tokens: { dtype: "int32", shape: [places + 1] },
      ...(classes !== undefined && { label: { dtype: "int32", shape: [] } }),
    },
    sequences: ["tokens"],
    outputs: { tokens: { dtype: "int32", shape: [places] } },
    conditions: {
      ...(classes !== undefined && { label: { dtype: "int32", shape: [], classes } }),
      tokens: { dtype: "int32", shape: [places], optional: -1 },
    },
    controls: {
      ...drawingControls(false),
      planTemperature: {
        description: "as temperature, of the plan: below 1 sounds take their most usual course; 0: the most probable",
        minimum: 0,
        maximum: 10,
        default: 1,
      },
    },
    init: (key) => ({
      sound: sound.init(foldKey(key, 0)),
      plan: plan.init(foldKey(key, 1)),
      codebook: book.init(foldKey(key, 2)),
      told: { codes: table.init(foldKey(key, 3)), around: around.init(foldKey(key, 4)) },
    }),
    prepare: (parameters, batch, key) => ({
      ...parameters,
      codebook: book.fit(parameters.codebook, bandsOf(soundsOf(batch)), key),
    }),
    phases: [
      {
        name: "sound",
        trains: (path) => !isOfPlan(path),
        loss: (parameters, batch, context) => {
          if (!context.key) {
            throw new GalateaError("internal", "planned-sound", "got no random key", "dead codes move at random");
          }
          const sounds = soundsOf(batch);
          const heard = bandsOf(sounds);
          const nearest = codesOf(parameters, heard, sounds.shape[0]);
          const rows = nearest.reshape([heard.shape[0]]);
          book.follow(parameters.codebook, heard, rows.cast("int64"), context, foldKey(context.key, 2));
          const { logits } = readSound(parameters, planOf(nearest, sounds), batch, context);
          const accuracy = accuracyOf(tokenScores(logits, sounds, pad));
          return { loss: tokenLoss(logits, sounds, pad), metrics: { accuracy, ...codeUsage(rows, codes) } };
        },
      },
      {
        name: "plan",
        ...(options.planRepeats !== undefined && { repeats: options.planRepeats }),
        trains: isOfPlan,
        loss: (parameters, batch, context) => {
          const sounds = soundsOf(batch);
          const planned = planOf(codesOf(parameters, bandsOf(sounds), sounds.shape[0]), sounds);
          const { logits } = readPlan(parameters, planned, batch, context);
          return { loss: tokenLoss(logits, planned, own.pad), metrics: {} };
        },
      },
    ],
    signals: [
      {
        metric: "perplexity",
        below: Math.max(1.5, 0.02 * codes),
        meaning: "few codes of the plan are in use: take fewer codes, or sounds that differ more",
      },
    ],
    sample: (parameters, key, { count, conditions, controls }) => {
      const { temperature, topK, topP, repetitionPenalty, planTemperature } = controls;
      const given = conditions.tokens;
      const known = given.greaterEqual(0).cast("int32").sum(1, true); // [count, 1]
      const heard = codesOf(parameters, bandsOf(given), count);
      // Stretches whose window is known to its end.
      const reach = range(most, "int32")
        .mul(span)
        .add(1.5 * span)
        .reshape([1, most]);
      const planned = generate(
        plan.begin(parameters.plan as never, { batch: count, most, inBlocks: true }),
        count,
        foldKey(key, 1),
        {
          ...{ vocabulary: own.size, most, begin: beginnings(count, conditions), end: own.end, pad: own.pad },
          never: Array.from({ length: own.size - own.pad }, (_, i) => own.pad + i),
          ...{ temperature: planTemperature, topK: 0, topP: 1, repetitionPenalty: 1 },
        },
        where(reach.lessEqual(known), heard, int(-1)),
      );
      const memories = memoryOf(parameters, planned.tokens, evaluationContext());
      const stretches = planned.tokens.less(codes).cast("int32").sum(1, true);
      const last = stretches.mul(span).maximum(known);
      const stepping = sound.begin(parameters.sound as never, { batch: count, most: places, inBlocks: true }, memories);
      const { tokens } = generate(
        { ...stepping, step: endingWithin(stepping.step, last.sub(span), last) },
        count,
        foldKey(key, 0),
        {
          ...{ vocabulary: sound.vocabulary, most: places, begin, end, pad, never: [pad] },
          ...{ temperature, topK, topP, repetitionPenalty },
        },
        given,
      );
      return { tokens };
    },
    scores: ["negativeLogLikelihood", "tokens", "right"],
    score: (parameters, batch) => {
      const sounds = soundsOf(batch);
      const planned = planOf(codesOf(parameters, bandsOf(sounds), sounds.shape[0]), sounds);
      const samples = tokenScores(readSound(parameters, planned, batch, evaluationContext()).logits, sounds, pad);
      const course = tokenScores(readPlan(parameters, planned, batch, evaluationContext()).logits, planned, own.pad);
      const negativeLogLikelihood = samples.negativeLogLikelihood.add(course.negativeLogLikelihood);
      return { ...samples, negativeLogLikelihood };
    },
  };
}
