/** Means with their standard errors, and means of exponentials, over numbers that come one after the other. */

export interface RunningMean {
  add(value: number): void;
  readonly count: number;
  readonly mean: number;
  /** Of the mean; NaN below two values. */
  readonly standardError: number;
}

/** Source: Welford, "Note on a method for calculating corrected sums of squares and products" (1962). */
export function runningMean(): RunningMean {
  let count = 0;
  let mean = 0;
  let squares = 0;
  return {
    add: (value) => {
      count++;
      const delta = value - mean;
      mean += delta / count;
      squares += delta * (value - mean);
    },
    get count() {
      return count;
    },
    get mean() {
      return count === 0 ? Number.NaN : mean;
    },
    get standardError() {
      return count < 2 ? Number.NaN : Math.sqrt(squares / (count - 1) / count);
    },
  };
}

/** log((e^a + e^b + ...) / n), without overflow. */
export function logMeanExp(values: readonly number[]): number {
  const highest = Math.max(...values);
  if (!Number.isFinite(highest)) return highest;
  const sum = values.reduce((total, value) => total + Math.exp(value - highest), 0);
  return highest + Math.log(sum / values.length);
}
