/** Judging a model on examples that it was not trained on. */

import { foldKey as foldHostKey } from "../core/base/index.ts";
import { GalateaError, type Key } from "../core/index.ts";
import type { Family } from "../learn/models/index.ts";
import type { Dataset } from "./data/index.ts";
import type { Metrics } from "./events.ts";
import { logMeanExp, type RunningMean, runningMean } from "./metrics/index.ts";
import { type DeviceParameters, type HostBatch, type Model, toHostBatch } from "./model.ts";

export interface JudgeOptions {
  readonly model: Model;
  readonly parameters: DeviceParameters;
  readonly dataset: Dataset;
  readonly key: Key;
  /** Examples judged at once. */
  readonly batchSize: number;
  /** Judge at most this many examples, from the first on. */
  readonly limit?: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** How many examples a run is judged on at its end: `validationExamples` of the split, or all. */
export function validationCount(
  { validationExamples }: { readonly validationExamples: number },
  { validation }: { readonly validation: { readonly count: number } },
): number {
  return validationExamples === 0 ? validation.count : Math.min(validationExamples, validation.count);
}

/** Means over examples, each with its standard error. */
export type Scores = ReadonlyMap<string, JudgedMean>;

/** A mean over so many examples. */
export type JudgedMean = Pick<RunningMean, "mean" | "standardError" | "count">;

/** Batches of equal size in order; the last one is filled up with the first example, which `count` leaves out. */
export async function* batchesOf({
  model,
  dataset,
  batchSize,
  limit = dataset.count,
  onProgress,
  signal,
}: JudgeOptions): AsyncGenerator<{
  readonly batch: HostBatch;
  readonly count: number;
  readonly index: number;
}> {
  const total = Math.min(limit, dataset.count);
  const size = Math.min(batchSize, total);
  for (let start = 0, index = 0; start < total; start += size, index++) {
    signal?.throwIfAborted();
    const count = Math.min(size, total - start);
    const indices = Array.from({ length: size }, (_, i) => (i < count ? start + i : 0));
    yield { batch: toHostBatch(model.family, await dataset.gather(indices), size), count, index };
    onProgress?.(Math.min(start + size, total), total);
  }
}

/** The family's own scores over a data set; empty where it has none. */
export async function judgeScores(options: JudgeOptions): Promise<Scores> {
  const { model, parameters, key } = options;
  const scores = new Map<string, RunningMean>();
  if (!model.score) return scores;
  for await (const { batch, count, index } of batchesOf(options)) {
    const results = await model.score(parameters, batch, foldHostKey(key, index));
    for (const [name, { data }] of Object.entries(results)) {
      const mean = scores.get(name) ?? runningMean();
      scores.set(name, mean);
      for (let i = 0; i < count; i++) mean.add(Number(data[i]));
    }
  }
  return perToken(scores);
}

/** What is judged of a family: its scores, or of sequences what they say of a token. */
export function scoreNames({ scores = [] }: Pick<Family, "scores">): readonly string[] {
  if (!scores.includes("tokens")) return scores;
  const kept = scores.filter((name) => name !== "tokens" && name !== "right");
  return [...kept, "crossEntropy", "bitsPerToken", "perplexity", ...(scores.includes("right") ? ["accuracy"] : [])];
}

/**
 * Of sequences, which differ in length: their sums over their tokens' number.
 *
 * crossEntropy = sum of -log p / sum of tokens, in nats a token; bitsPerToken = crossEntropy / log 2; perplexity = e^crossEntropy; accuracy = share of tokens
 * that are right, each given those before it
 */
function perToken(scores: Map<string, RunningMean>): Scores {
  const [sum, tokens, right] = ["negativeLogLikelihood", "tokens", "right"].map((name) => scores.get(name));
  if (!sum || !tokens) return scores;
  const found = new Map<string, JudgedMean>(scores);
  found.delete("tokens");
  found.delete("right");
  const { count } = sum;
  const crossEntropy = sum.mean / tokens.mean;
  const standardError = sum.standardError / tokens.mean;
  found.set("crossEntropy", { mean: crossEntropy, standardError, count });
  found.set("bitsPerToken", { mean: crossEntropy / Math.LN2, standardError: standardError / Math.LN2, count });
  const perplexity = Math.exp(crossEntropy);
  found.set("perplexity", { mean: perplexity, standardError: perplexity * standardError, count });
  if (right) found.set("accuracy", { mean: right.mean / tokens.mean, standardError: Number.NaN, count });
  return found;
}

/** Where the streams of importance samples begin, above those that a family derives from the key itself. */
const firstNoise = 1000;

/** Importance samples that one run of the program draws; more are made in several runs. */
const samplesAtOnce = 20;

/**
 * -log p of each example by importance sampling, in nats.
 *
 * log p(x) is estimated by log mean_k w_k over all `samples` weights, a lower bound in expectation.
 * @throws GalateaError `usage` when the family has no density.
 */
export async function judgeLikelihood(options: JudgeOptions, samples: number): Promise<RunningMean> {
  const { model, parameters, key } = options;
  if (!model.logProb) throw new GalateaError("usage", model.family.name, "has no likelihood", "choose other metrics");
  const chunk = largestDivisor(samples, samplesAtOnce);
  const mean = runningMean();
  for await (const { batch, count, index } of batchesOf(options)) {
    const batchKey = foldHostKey(key, index);
    const parts: ArrayLike<number | bigint>[] = [];
    for (let part = 0; part < samples / chunk; part++) {
      // The same examples each time, binarized alike: only the importance samples are new.
      const keys = { key: batchKey, noise: foldHostKey(batchKey, firstNoise + part) };
      parts.push((await model.logProb(parameters, batch, keys, chunk)).data);
    }
    for (let i = 0; i < count; i++) mean.add(-logMeanExp(parts.map((part) => Number(part[i]))));
  }
  return mean;
}

/** Equal chunks have equal weight in the mean. */
function largestDivisor(number: number, most: number): number {
  for (let divisor = Math.min(number, most); divisor > 1; divisor--) if (number % divisor === 0) return divisor;
  return 1;
}

export function toMetrics(scores: Scores): Metrics {
  return Object.fromEntries([...scores].map(([name, { mean }]) => [name, mean]));
}
