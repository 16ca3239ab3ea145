/** Evaluation: the scores of a trained run on the test split. */

import { GalateaError } from "../core/index.ts";
import type { Backend } from "../engine/index.ts";
import type { DataSplits } from "./data/index.ts";
import type { Metrics } from "./events.ts";
import { type JudgeOptions, judgeLikelihood, judgeScores } from "./judge.ts";
import type { RunningMean } from "./metrics/index.ts";
import { createModel } from "./model.ts";
import { type OpenedRun, uploadWeights } from "./opened-run.ts";
import { streamKey } from "./training-step.ts";

export interface EvaluateOptions {
  readonly backend: Backend;
  readonly run: OpenedRun;
  readonly data: DataSplits;
  /** Names of metrics; all that the family offers where absent. */
  readonly metrics?: readonly string[];
  /** Judge at most this many test examples; where absent, as many as each metric's own limit allows. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, what: string) => void;
}

export interface Evaluation {
  readonly metrics: Metrics;
  /** What stands behind each metric. */
  readonly details: Readonly<Record<string, { readonly standardError: number; readonly examples: number }>>;
}

/** Examples judged at once, which bounds memory. */
const examplesAtOnce = 100;

/** Metrics from importance samples: how many each draws for an example, and of how many examples at most. */
const likelihoodMetrics: Readonly<Record<string, { readonly samples: number; readonly limit: number }>> = {
  /** The bound of the importance-weighted autoencoder with k = 50, negative, in nats. */
  importanceWeightedBound: { samples: 50, limit: 1000 },
  /** -log p(x) in nats, as usual in the field from 200 samples. */
  negativeLogLikelihood: { samples: 200, limit: 1000 },
};

/** Metrics that a run's family offers, cheap ones first. */
export function metricNames({ family }: OpenedRun): readonly string[] {
  return [...(family.scores ?? []), ...(family.logProb ? Object.keys(likelihoodMetrics) : [])];
}

/**
 * Judges a run on the test split of a data set.
 *
 * Scores made from importance samples take the first 1,000 examples; `details` says how many stand behind
 * each number.
 * @throws GalateaError `usage` for a metric that the family does not offer; `data` when the data's fields
 *   are not those that the run was trained on.
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { backend, run, data, onProgress } = options;
  const { family, config } = run;
  requireFields(run, data);
  const offered = metricNames(run);
  const chosen = options.metrics ?? offered;
  const unknown = chosen.find((name) => !offered.includes(name));
  if (unknown !== undefined) {
    const right = `choose among ${offered.join(", ")}`;
    throw new GalateaError("usage", unknown, `a ${family.name} has no such metric`, right);
  }
  const parameters = await uploadWeights(backend, run);
  const model = createModel(backend, family);
  const judge = (what: string, limit = Number.POSITIVE_INFINITY): JudgeOptions => ({
    model,
    parameters,
    dataset: data.test,
    key: streamKey(config.seed, "evaluate"),
    batchSize: examplesAtOnce,
    limit: options.limit ?? limit,
    ...(onProgress && { onProgress: (done, total) => onProgress(done, total, what) }),
    ...(options.signal && { signal: options.signal }),
  });
  const results = new Map<string, RunningMean>();
  try {
    if (chosen.some((name) => family.scores?.includes(name))) {
      for (const [name, mean] of await judgeScores(judge("scores"))) if (chosen.includes(name)) results.set(name, mean);
    }
    for (const [name, { samples, limit }] of Object.entries(likelihoodMetrics)) {
      if (chosen.includes(name)) results.set(name, await judgeLikelihood(judge(name, limit), samples));
    }
  } finally {
    await model.dispose();
  }
  return {
    metrics: Object.fromEntries([...results].map(([name, { mean }]) => [name, mean])),
    details: Object.fromEntries(
      [...results].map(([name, { standardError, count }]) => [name, { standardError, examples: count }]),
    ),
  };
}

function requireFields({ record, family }: OpenedRun, data: DataSplits): void {
  for (const name of Object.keys(family.inputs)) {
    const before = JSON.stringify(record.data.fields[name]);
    const { dtype, shape } = data.test.fields[name] ?? {};
    const now = JSON.stringify({ dtype, shape });
    if (before === now) continue;
    throw new GalateaError("data", data.name, `its ${name} is ${now}`, `the run was trained on ${before}`);
  }
}
