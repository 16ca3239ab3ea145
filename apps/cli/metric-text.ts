/** Metrics with their units, for people. */

import { formatNumber } from "./text.ts";

/** What a metric is called and counted in. An unknown one keeps its name and has no unit. */
const known: Readonly<Record<string, readonly [title: string, unit: string]>> = {
  loss: ["loss", ""],
  negativeElbo: ["negative ELBO", "nats"],
  reconstruction: ["reconstruction", "nats"],
  kl: ["KL divergence", "nats"],
  importanceWeightedBound: ["importance-weighted bound", "nats"],
  negativeLogLikelihood: ["-log p", "nats"],
};

/** `negative ELBO 98.31 nats`. */
export function formatMetric(name: string, value: number): string {
  const [title, unit] = known[name] ?? [name, ""];
  return `${title} ${formatNumber(value)}${unit && ` ${unit}`}`;
}

/** Rows of title, number and unit. */
export function metricRows(metrics: Readonly<Record<string, number>>): [title: string, value: string, unit: string][] {
  return Object.entries(metrics).map(([name, value]) => {
    const [title, unit] = known[name] ?? [name, ""];
    return [title, formatNumber(value), unit];
  });
}
