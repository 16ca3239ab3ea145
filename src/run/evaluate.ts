/** Evaluation: the scores of a trained run on the test split. */

import { GalateaError } from "../core/index.ts";
import type { Backend } from "../engine/index.ts";
import { answerMetricNames, scoreAnswers } from "./answer-metrics.ts";
import { type Answer, answerExamples, answersTexts } from "./answers.ts";
import type { DataSplits, Dataset } from "./data/index.ts";
import type { Metrics } from "./events.ts";
import { forecastMetricNames, judgeForecasts, offeredForecastMetrics } from "./forecast-metrics.ts";
import { type JudgedMean, type JudgeOptions, judgeLikelihood, judgeScores, scoreNames } from "./judge.ts";
import { bitsPerCharacter, countCharacters, type FeatureExtractor } from "./metrics/index.ts";
import { createModel } from "./model.ts";
import { type OpenedRun, uploadWeights } from "./opened-run.ts";
import type { Picture } from "./pictures/index.ts";
import type { Wishes } from "./requests.ts";
import { judgeSamples, offeredSampleMetrics, sampleMetricNames } from "./sample-metrics.ts";
import type { Provenance } from "./score-samples.ts";
import { textField } from "./text-samples.ts";
import { streamKey } from "./training-step.ts";

export interface EvaluateOptions {
  readonly backend: Backend;
  readonly run: OpenedRun;
  readonly data: DataSplits;
  /** Names of metrics, or `all`; where absent those that need no samples nor another net, and those of the preset. */
  readonly metrics?: readonly string[];
  /** Judge at most this many test examples; where absent, as many as each metric's own limit allows. */
  readonly limit?: number;
  /** Samples that metrics of samples draw; 2,000 where absent. */
  readonly samples?: number;
  /** Gives the features of metrics of images; a classifier of the data's labels where absent. */
  readonly extractor?: FeatureExtractor;
  /** Where trained classifiers are kept; they are trained each time where absent. */
  readonly cacheFolder?: string;
  /** Training steps of classifiers; what these find usual where absent. */
  readonly classifierSteps?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, what: string) => void;
  /** Gets a picture of samples beside their nearest training examples, where these were compared. */
  readonly onPicture?: (picture: Picture) => Promise<void>;
  /** How answers are made, such as the number of beams. */
  readonly wishes?: Wishes;
  /** Gets the answers to the examples, where they were compared with what was right. */
  readonly onAnswers?: (answers: readonly Answer[]) => Promise<void>;
}

export interface MetricDetail {
  /** NaN where the metric has none. */
  readonly standardError: number;
  /** Test examples, or samples. */
  readonly examples: number;
  /** Of metrics of samples. */
  readonly provenance?: Provenance;
  /** How it was computed, where tools differ. */
  readonly note?: string;
}

export interface Evaluation {
  readonly metrics: Metrics;
  /** What stands behind each metric. */
  readonly details: Readonly<Record<string, MetricDetail>>;
}

/** Examples judged at once at most, and batches of training that are: both bound memory. */
const [examplesAtOnce, batchesAtOnce] = [100, 8];

/** How many importance samples a likelihood draws for an example, and of how many examples at most. */
interface LikelihoodEffort {
  readonly samples: number;
  readonly limit: number;
}

/** Of bounds by importance samples. */
const bounds = {
  /** The bound of the importance-weighted autoencoder with k = 50, negative, in nats. */
  importanceWeightedBound: { samples: 50, limit: 1000 },
  /** -log p(x) in nats, as usual in the field from 200 samples. */
  negativeLogLikelihood: { samples: 200, limit: 1000 },
} as const;

/** Of families that know their density exactly. */
const exactly: LikelihoodEffort = { samples: 1, limit: Number.POSITIVE_INFINITY };

/** What its scores do not say already. */
function likelihoodMetrics({
  logProb,
  exact,
  scores = [],
}: OpenedRun["family"]): Readonly<Record<string, LikelihoodEffort>> {
  if (!logProb) return {};
  if (!exact) return bounds;
  return scores.includes("negativeLogLikelihood") ? {} : { negativeLogLikelihood: exactly };
}

/** The field of running text that a run was trained on, if it was. */
function runningText({ family, tokenizers }: OpenedRun): string | undefined {
  const field = textField(family, tokenizers);
  return field !== undefined && family.inputs[field] && scoreNames(family).includes("crossEntropy") ? field : undefined;
}

/** Metrics of a run that need neither samples nor another net, cheap ones first. */
export function metricNames(run: OpenedRun): readonly string[] {
  const { family } = run;
  const { logProb, dimensions } = family;
  const scores = scoreNames(family);
  const bits = logProb && dimensions !== undefined && !scores.includes("bitsPerDim") ? ["bitsPerDim"] : [];
  const ofText = runningText(run) === "tokens" ? ["bitsPerCharacter"] : [];
  return [...scores, ...ofText, ...Object.keys(likelihoodMetrics(family)), ...bits];
}

/** The metrics that were asked for, each of which can be had. */
function chooseMetrics({ run, data, metrics, extractor }: EvaluateOptions): readonly string[] {
  const { family, preset, tokenizers } = run;
  const ofSamples = offeredSampleMetrics(family, data, extractor);
  const ofAnswers = answersTexts(family, data.test, tokenizers) ? answerMetricNames : [];
  const cheap = metricNames(run);
  const offered = [...cheap, ...ofAnswers, ...offeredForecastMetrics(family, data.test), ...ofSamples];
  const usual = [...cheap, ...(preset.metrics ?? []).filter((name) => offered.includes(name))];
  const chosen = metrics?.flatMap((name) => (name === "all" ? offered : [name])) ?? usual;
  const unknown = chosen.find((name) => !offered.includes(name));
  if (unknown === undefined) return [...new Set(chosen)];
  const needsNet = sampleMetricNames.includes(unknown) && family.outputs.image && !ofSamples.includes("fid");
  const hint = needsNet ? "; data without labels need --features <file.onnx> for metrics of features" : "";
  const right = `choose among ${offered.join(", ")}${hint}`;
  throw new GalateaError("usage", unknown, `a ${family.name} on ${data.name} has no such metric`, right);
}

/**
 * Judges a run on the test split of a data set.
 *
 * Bounds by importance samples take the first 1,000 examples, exact likelihoods all; `details` says how many stand
 * behind each number.
 * @throws GalateaError `usage` for a metric that the family does not offer; `data` when the data's fields
 *   are not those that the run was trained on.
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { backend, run, data, onProgress, signal } = options;
  const { family, config } = run;
  requireFields(run, data);
  const chosen = chooseMetrics(options);
  const parameters = await uploadWeights(backend, run);
  const model = createModel(backend, family);
  const judge = (what: string, limit = Number.POSITIVE_INFINITY): JudgeOptions => ({
    model,
    parameters,
    dataset: data.test,
    key: streamKey(config.seed, "evaluate"),
    batchSize: Math.min(examplesAtOnce, batchesAtOnce * config.batchSize),
    limit: options.limit ?? limit,
    ...(onProgress && { onProgress: (done, total) => onProgress(done, total, what) }),
    ...(signal && { signal }),
  });
  const metrics: Record<string, number> = {};
  const details: Record<string, MetricDetail> = {};
  const take = (name: string, { mean, standardError, count }: JudgedMean, factor = 1): void => {
    metrics[name] = mean * factor;
    details[name] = { standardError: standardError * factor, examples: count };
  };
  try {
    const perCharacter = chosen.includes("bitsPerCharacter");
    if (perCharacter || chosen.some((name) => scoreNames(family).includes(name))) {
      const scores = await judgeScores(judge("scores"));
      for (const [name, mean] of scores) if (chosen.includes(name)) take(name, mean);
      const perToken = scores.get("crossEntropy");
      if (perCharacter && perToken) {
        const { tokens, characters } = await countText(run, data.test, options.limit);
        take("bitsPerCharacter", perToken, bitsPerCharacter(tokens, characters));
      }
    }
    const inBits = chosen.includes("bitsPerDim");
    for (const [name, { samples, limit }] of Object.entries(likelihoodMetrics(family))) {
      const alsoBits = inBits && name === "negativeLogLikelihood";
      if (!chosen.includes(name) && !alsoBits) continue;
      const mean = await judgeLikelihood(judge(name, limit), samples);
      if (chosen.includes(name)) take(name, mean);
      if (alsoBits) take("bitsPerDim", mean, 1 / ((family.dimensions ?? 1) * Math.LN2));
    }
    const ofAnswers = chosen.filter((name) => answerMetricNames.includes(name));
    if (ofAnswers.length > 0) {
      const { key, limit, ...shared } = judge("answers");
      const { wishes } = options;
      const told = {
        tokenizers: run.tokenizers,
        key,
        ...(wishes && { wishes }),
        ...(limit !== undefined && { limit }),
      };
      const answers = await answerExamples({ ...shared, ...told });
      await options.onAnswers?.(answers);
      for (const [name, { value, note }] of scoreAnswers(ofAnswers, answers)) {
        metrics[name] = value;
        details[name] = { standardError: Number.NaN, examples: answers.length, ...(note && { note }) };
      }
    }
    const ofForecasts = chosen.filter((name) => forecastMetricNames.includes(name));
    if (ofForecasts.length > 0) {
      for (const [name, mean] of await judgeForecasts(ofForecasts, judge("forecasts"))) take(name, mean);
    }
    const ofSamples = chosen.filter((name) => sampleMetricNames.includes(name));
    if (ofSamples.length > 0) {
      const { samples, extractor, cacheFolder, classifierSteps, onPicture } = options;
      const scores = await judgeSamples({
        backend,
        model,
        parameters,
        data,
        seed: config.seed,
        metrics: ofSamples,
        ...(samples !== undefined && { samples }),
        ...(extractor && { extractor }),
        ...(cacheFolder !== undefined && { cacheFolder }),
        ...(classifierSteps !== undefined && { classifierSteps }),
        ...(onProgress && { onProgress }),
        ...(onPicture && { onPicture }),
        ...(signal && { signal }),
      });
      for (const [name, { value, standardError = Number.NaN, provenance }] of scores) {
        metrics[name] = value;
        details[name] = { standardError, examples: provenance.sampleCount, provenance };
      }
    }
  } finally {
    await model.dispose();
  }
  return { metrics, details };
}

interface TextSize {
  readonly tokens: number;
  readonly characters: number;
}

/** How much text is predicted of the first examples. */
async function countText({ tokenizers }: OpenedRun, dataset: Dataset, limit = dataset.count): Promise<TextSize> {
  const count = Math.min(limit, dataset.count);
  const size = dataset.fields.tokens.shape[0];
  const ids: number[] = [];
  for (let i = 0; i < count; i++) {
    // What is predicted: all but the first, which ends the window before.
    const { tokens } = await dataset.gather([i]);
    for (let place = 1; place < size; place++) ids.push(Number(tokens[place]));
  }
  return { tokens: ids.length, characters: countCharacters(tokenizers.tokens.decode(ids)) };
}

function requireFields({ record, family }: OpenedRun, data: DataSplits): void {
  for (const name of Object.keys(family.inputs)) {
    const before = JSON.stringify(record.data.fields[name]);
    const field = data.test.fields[name];
    const now = field && JSON.stringify({ dtype: field.dtype, shape: field.shape });
    if (before === now) continue;
    const seen = now === undefined ? `it has no ${name}` : `its ${name} is ${now}`;
    throw new GalateaError("data", data.name, seen, `the run was trained on ${before}`);
  }
}
