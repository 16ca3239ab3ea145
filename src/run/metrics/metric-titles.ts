/** What metrics are called and counted in, for people. */

export interface MetricTitle {
  readonly title: string;
  /** Empty where the number has none. */
  readonly unit: string;
}

const titles: Readonly<Record<string, MetricTitle>> = {
  loss: { title: "loss", unit: "" },
  negativeElbo: { title: "negative ELBO", unit: "nats" },
  reconstruction: { title: "reconstruction", unit: "nats" },
  kl: { title: "KL divergence", unit: "nats" },
  importanceWeightedBound: { title: "importance-weighted bound", unit: "nats" },
  negativeLogLikelihood: { title: "-log p", unit: "nats" },
};

/** A metric's title and unit; one that is not known keeps its name and has no unit. */
export function metricTitle(name: string): MetricTitle {
  return titles[name] ?? { title: name, unit: "" };
}
