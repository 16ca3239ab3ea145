/** Times in tables, and the steps between them.
 *
 * Dates are read here and not by `Date`, which takes some forms as local time and others as UTC, and moves days that do
 * not exist. */

export type TimeKind = "date" | "number";

export interface ParsedTime {
  readonly kind: TimeKind;
  /** Milliseconds since 1970 in UTC, or the number. */
  readonly value: number;
}

const datePattern =
  /^(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?)?$/;
const dayMs = 86_400_000;

/**
 * A date such as 2020-05, 2020-05-31, 2020-05-31 18:00 or 2020-05-31T18:00:00.5+02:00 (a time without zone is UTC, `/`
 * may stand for `-`), or a finite number; `undefined` for everything else, days that do not exist included.
 */
export function parseTime(cell: string): ParsedTime | undefined {
  const parts = datePattern.exec(cell);
  if (!parts) {
    const value = Number(cell);
    return cell !== "" && Number.isFinite(value) ? { kind: "number", value } : undefined;
  }
  const [year, month, day, hour, minute, second] = [parts[1], parts[2], parts[3] ?? "1", ...parts.slice(4, 7)].map(
    (part) => Number(part ?? 0),
  );
  const start = Date.UTC(year, month - 1, day);
  const exists = new Date(start).getUTCDate() === day && month >= 1 && month <= 12;
  if (!exists || hour > 23 || minute > 59 || second > 59) return undefined;
  const fraction = Math.round(1000 * Number(`0${parts[7] ?? ""}`));
  const value = start + ((hour * 60 + minute) * 60 + second) * 1000 + fraction - zoneMs(parts[8] ?? "Z");
  return { kind: "date", value };
}

function zoneMs(zone: string): number {
  if (zone === "Z") return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/**
 * How far one value is from the next.
 * - `month`: so many months of the calendar
 * - `ms`: so many milliseconds
 * - `number`: so much, where times are numbers
 * - `row`: rows are steps
 */
export interface TimeStep {
  readonly unit: "month" | "ms" | "number" | "row";
  readonly size: number;
}

const spans = [
  [7 * dayMs, "week"],
  [dayMs, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1000, "second"],
  [1, "millisecond"],
] as const;

/** A step in words: `1 hour`, `15 minutes`, `3 months`. */
export function nameOfStep({ unit, size }: TimeStep): string {
  if (unit === "number") return `${size}`;
  if (unit === "month") return size % 12 === 0 ? counted(size / 12, "year") : counted(size, "month");
  if (unit === "row") return counted(size, "row");
  const [span, name] = spans.find(([ms]) => size % ms === 0) ?? [1, "millisecond"];
  return counted(size / span, name);
}

function counted(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

/**
 * Steps after which series of such a step often repeat: a day of hours or shorter steps, a week of days, a year of weeks,
 * months or quarters; else 1.
 */
export function seasonOfStep({ unit, size }: TimeStep): number {
  const whole = (count: number): number => (Number.isInteger(count) ? count : 1);
  if (unit === "month") return whole(12 / size);
  if (unit !== "ms") return 1;
  if (size < dayMs) return whole(dayMs / size);
  return size === dayMs ? 7 : size === 7 * dayMs ? 52 : 1;
}

/** A time as people write it. */
export function showTime(value: number, kind: TimeKind): string {
  if (kind === "number") return String(value);
  const text = new Date(value).toISOString();
  return text.endsWith("T00:00:00.000Z") ? text.slice(0, 10) : text.replace(/(:00)?\.000Z$/, "").replace("T", " ");
}
