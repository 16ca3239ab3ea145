/** The grid that times lie on: one step, which rows miss, which come twice. */

import { GalateaError } from "../../../core/base/index.ts";
import { nameOfStep, showTime, type TimeKind, type TimeStep } from "./times.ts";

/** A row's time, and the line of the file that it stands on. */
export interface RowTime {
  readonly value: number;
  readonly line: number;
}

export interface TimeGrid {
  readonly step: TimeStep;
  /** Of each row, how many steps it comes after the first: strictly rising. */
  readonly positions: readonly number[];
  /** The time of a position. */
  readonly timeAt: (position: number) => number;
}

/** Of a step: how exactly numbers, which may be rounded, must lie on the grid. */
const tolerance = 1e-6;

/**
 * The grid of times that rise: the shortest step that occurs often, of which all others are whole multiples. Dates of one
 * day of the month and time of day, or of last days of months, lie on a grid of months.
 *
 * @param times sorted, without duplicates, 2 or more
 * @param where the file, for messages
 * @throws GalateaError `data` when there is no such step.
 */
export function findGrid(times: readonly RowTime[], kind: TimeKind, where: string): TimeGrid {
  const values = times.map(({ value }) => value);
  const first = values[0];
  const unit = kind === "date" ? "ms" : "number";
  const byTime = tryStep(values);
  if (byTime && "positions" in byTime) {
    const { size, positions } = byTime;
    return { step: { unit, size }, positions, timeAt: (position) => first + position * size };
  }
  const months = kind === "date" ? monthsOf(values) : undefined;
  const byMonth = months && tryStep(months.counts);
  if (months && byMonth && "positions" in byMonth) {
    const { size, positions } = byMonth;
    return { step: { unit: "month", size }, positions, timeAt: (position) => months.timeAt(position * size) };
  }
  const { size, odd } = byTime;
  const usual = nameOfStep({ unit, size });
  const seen = nameOfStep({ unit, size: Number((values[odd] - values[odd - 1]).toPrecision(9)) });
  const what = `the times are not regular: most steps are ${usual}, but line ${times[odd].line} comes ${seen} after line ${times[odd - 1].line}`;
  const right = "one step throughout (a gap of whole steps may be filled), or stepsBy=rows to take each row for a step";
  throw new GalateaError("data", where, what, right);
}

interface Steps {
  readonly size: number;
  readonly positions: readonly number[];
}

/** The most frequent difference (of equally frequent ones the smallest) as a step; else the first row that is off it. */
function tryStep(values: readonly number[]): Steps | { readonly size: number; readonly odd: number } {
  const counts = new Map<number, number>();
  for (let i = 1; i < values.length; i++) {
    const difference = Number((values[i] - values[i - 1]).toPrecision(9));
    counts.set(difference, (counts.get(difference) ?? 0) + 1);
  }
  const [size] = [...counts].reduce((best, next) =>
    next[1] > best[1] || (next[1] === best[1] && next[0] < best[0]) ? next : best,
  );
  const positions = [0];
  for (let i = 1; i < values.length; i++) {
    // From row to row, so that rounded numbers do not add up.
    const steps = (values[i] - values[i - 1]) / size;
    if (!(Math.abs(steps - Math.round(steps)) <= tolerance) || Math.round(steps) < 1) return { size, odd: i };
    positions.push(positions[i - 1] + Math.round(steps));
  }
  return { size, positions };
}

interface Months {
  /** Months since year 0 of each date. */
  readonly counts: readonly number[];
  /** The date so many months after the first. */
  readonly timeAt: (months: number) => number;
}

/** Dates that differ in year and month only, or are all last days of months at one time of day. */
function monthsOf(values: readonly number[]): Months | undefined {
  const dates = values.map((value) => new Date(value));
  const [first] = dates;
  const clock = (date: Date): number =>
    date.getTime() - Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  if (dates.some((date) => clock(date) !== clock(first))) return undefined;
  const lastDay = (year: number, month: number): number => new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const sameDay = dates.every((date) => date.getUTCDate() === first.getUTCDate());
  const last = dates.every((date) => date.getUTCDate() === lastDay(date.getUTCFullYear(), date.getUTCMonth()));
  if (!sameDay && !last) return undefined;
  const timeAt = (months: number): number => {
    const [year, month] = [first.getUTCFullYear(), first.getUTCMonth() + months];
    return Date.UTC(year, month, last ? lastDay(year, month) : first.getUTCDate()) + clock(first);
  };
  return { counts: dates.map((date) => date.getUTCFullYear() * 12 + date.getUTCMonth()), timeAt };
}

/**
 * The gaps of a grid in words, or `undefined` where there are none: how many steps are missing, and where the first
 * gap is.
 */
export function describeGaps(grid: TimeGrid, times: readonly RowTime[], kind: TimeKind): string | undefined {
  const { positions, step } = grid;
  const missing = (positions.at(-1) ?? 0) + 1 - positions.length;
  if (missing === 0) return undefined;
  const at = positions.findIndex((position, i) => i > 0 && position > positions[i - 1] + 1);
  const [before, after] = [times[at - 1], times[at]];
  const shown = `${showTime(before.value, kind)} (line ${before.line}) and ${showTime(after.value, kind)} (line ${after.line})`;
  const verb = missing === 1 ? "step is" : "steps are";
  return `${missing} ${verb} missing at one row each ${nameOfStep(step)}, the first between ${shown}`;
}
