/** MADE on three of the binary data sets that density estimators are compared on. */

import type { Row } from "./row.ts";
import { rowData, trainAndJudge } from "./train-and-judge.ts";

interface Published {
  /** Mean log-likelihood of the test split. */
  readonly logLikelihood: number;
  readonly source: string;
}

/** A row whose log-likelihood must come within 2% of the published one. */
function binaryRow(
  name: string,
  { logLikelihood, source }: Published,
  options: Readonly<Record<string, unknown>>,
): Row {
  return {
    row: `made-${name}`,
    metric: "log p(x) in nats, exact, all test vectors",
    bound: Number((1.02 * logLikelihood).toFixed(4)),
    direction: "at least",
    published: logLikelihood,
    source,
    run: async (context) => {
      const value = await trainAndJudge(context, { preset: "binary/made", options, data: await rowData(name) });
      return { value: -value, seed: context.seed };
    },
  };
}

const spn = "Rooshenas and Lowd (2014), table 2: ID-SPN";

export const madeMushrooms = binaryRow(
  "mushrooms",
  { logLikelihood: -9.69, source: "Germain et al. (2015), table 4: MADE with mask sampling" },
  // One mask overfits within 1,000 steps; eight, each in another order, do not within 6,000.
  { hidden: [500], masks: 8, ordering: "random", learningRate: 0.006, steps: 6000 },
);

export const madeNltcs = binaryRow("nltcs", { logLikelihood: -6.02, source: spn }, { hidden: [300], steps: 4000 });

export const madePlants = binaryRow("plants", { logLikelihood: -12.54, source: spn }, { hidden: [500], steps: 5000 });
