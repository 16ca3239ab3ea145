/** How the steps of a series are divided, in the order of time. */

import { GalateaError } from "../../../core/base/index.ts";

/** Steps from `start` up to, but without, `end`. */
export interface StepRange {
  readonly start: number;
  readonly end: number;
}

export interface SeriesSplit {
  readonly train: StepRange;
  readonly validation: StepRange;
  readonly test: StepRange;
}

/** Hours of 12, 4 and 4 months of 30 days. */
const ettHours = [8640, 2880, 2880] as const;

/**
 * Train, validation and test of a series: of the electricity transformer data (names ETTh1, ETTh2, ETTm1, ETTm2) the
 * published 12, 4 and 4 months of 30 days, what comes after left out; of others the first 70%, the next 10%, and 20%.
 *
 * @throws GalateaError `data` for a series of fewer than 10 steps, or a file of that name that is too short.
 *
 * Source: Zhou et al., "Informer", 2021, section 5.1.
 */
export function splitSteps(name: string, length: number): SeriesSplit {
  const [, unit] = /^ETT([hm])[12]$/i.exec(name) ?? [];
  if (unit === undefined) {
    if (length < 10) throw new GalateaError("data", name, `it has ${length} steps`, "10 or more, to hold some out");
    return rangesOf(
      Math.floor(0.7 * length),
      length - Math.floor(0.7 * length) - Math.floor(0.2 * length),
      Math.floor(0.2 * length),
    );
  }
  const [train, validation, test] = ettHours.map((hours) => hours * (unit.toLowerCase() === "m" ? 4 : 1));
  if (length < train + validation + test) {
    const right = `${train + validation + test} for the published split; copy the file again, or give it another name`;
    throw new GalateaError("data", name, `it has ${length} steps`, right);
  }
  return rangesOf(train, validation, test);
}

function rangesOf(train: number, validation: number, test: number): SeriesSplit {
  const [first, second] = [train, train + validation];
  return {
    train: { start: 0, end: first },
    validation: { start: first, end: second },
    test: { start: second, end: second + test },
  };
}
