/** Metrics with their units, for people. */

import { metricTitle } from "../../src/run/index.ts";
import { formatNumber } from "./text.ts";

/** `negative ELBO 98.31 nats`. */
export function formatMetric(name: string, value: number): string {
  const { title, unit } = metricTitle(name);
  return `${title} ${formatNumber(value)}${unit && ` ${unit}`}`;
}

/** Rows of title, number and unit. */
export function metricRows(metrics: Readonly<Record<string, number>>): [title: string, value: string, unit: string][] {
  return Object.entries(metrics).map(([name, value]) => {
    const { title, unit } = metricTitle(name);
    return [title, formatNumber(value), unit];
  });
}
