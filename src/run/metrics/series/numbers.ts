/** What every score of forecasts asks of its numbers. */

import { GalateaError } from "../../../core/base/index.ts";

/**
 * Checks that sequences are as long as one another, not empty, and finite.
 * @throws GalateaError `data` when they are not.
 */
export function requireSameLength(where: string, named: Readonly<Record<string, ArrayLike<number>>>): void {
  const entries = Object.entries(named);
  const length = entries[0][1].length;
  if (length === 0 || entries.some(([, values]) => values.length !== length)) {
    const seen = entries.map(([name, values]) => `${values.length} ${name}`).join(", ");
    throw new GalateaError("data", where, seen, "as many of each, at least one");
  }
  for (const [name, values] of entries) requireFinite(where, name, values);
}

/**
 * Checks that all numbers are finite.
 * @throws GalateaError `data` at the first that is not.
 */
export function requireFinite(where: string, name: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new GalateaError("data", where, `${name}[${i}] is ${values[i]}`, "every value must be a finite number");
  }
}

/** The mean of what `term` gives for 0 to `count` - 1. */
export function meanOver(count: number, term: (index: number) => number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += term(i);
  return sum / count;
}
