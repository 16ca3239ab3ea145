/** Medians and quantiles of readings. */

/**
 * The q-quantile by linear interpolation between the sorted values (type 7 of Hyndman and Fan, 1996).
 *
 * @throws RangeError without values, or when one is not a finite number.
 */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new RangeError("quantile: no values; at least one is needed");
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new RangeError(`quantile: ${wrong} among the values; all must be finite`);
  const sorted = [...values].sort((a, b) => a - b);
  const position = q * (sorted.length - 1);
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (position - Math.floor(position)) * (above - below);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The first and the third quartile: between them lies the middle half of the values. */
export function quartiles(values: readonly number[]): [number, number] {
  return [quantile(values, 0.25), quantile(values, 0.75)];
}

/** To so many decimals, as a number. */
export function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
