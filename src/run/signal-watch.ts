/** Watching a run's metrics for signs that training goes wrong. */

import type { Signal } from "../learn/models/index.ts";
import type { Metrics } from "./events.ts";

/** Steps in a row for which a sign must show: a single bad batch is none. */
const patience = 200;

/** Takes the metrics of each step; gives what people should be told, each sign once. */
export function watchSignals(signals: readonly Signal[] = []): (step: number, metrics: Metrics) => readonly string[] {
  const seen = new Map<Signal, number>();
  return (step, metrics) =>
    signals.flatMap((signal) => {
      const { metric, below = Number.NEGATIVE_INFINITY, above = Number.POSITIVE_INFINITY, meaning } = signal;
      const value = metrics[metric];
      const shows = value < below || value > above;
      const before = seen.get(signal) ?? 0;
      // Beyond patience the count stays, so that nothing is said twice.
      seen.set(signal, before > patience ? before : shows ? before + 1 : 0);
      if (before !== patience || !shows) return [];
      const side = value < below ? `below ${below}` : `above ${above}`;
      return [`${metric} has been ${side} for ${patience} steps (step ${step}: ${value.toPrecision(3)}): ${meaning}`];
    });
}
