import { expect, test } from "vitest";
import { nameOfStep, parseTime, seasonOfStep, showTime } from "./times.ts";

test.each([
  ["1949-02", "1949-02-01T00:00:00Z"],
  ["1981-1-9", "1981-01-09T00:00:00Z"],
  ["2020/02/29", "2020-02-29T00:00:00Z"],
  ["2016-07-01 01:00:00", "2016-07-01T01:00:00Z"],
  ["2016-07-01T01:30", "2016-07-01T01:30:00Z"],
  ["2016-07-01T01:30:15.25Z", "2016-07-01T01:30:15.250Z"],
  ["2016-07-01T01:30:00+02:00", "2016-06-30T23:30:00Z"],
  ["2016-07-01 01:30:00-0530", "2016-07-01T07:00:00Z"],
])("%s is a date", (cell, iso) => {
  expect(parseTime(cell)).toEqual({ kind: "date", value: Date.parse(iso) });
});

test("numbers are times too; days that do not exist, other orders and words are not", () => {
  expect(parseTime("1949")).toEqual({ kind: "number", value: 1949 });
  expect(parseTime("-0.5")).toEqual({ kind: "number", value: -0.5 });
  for (const cell of ["2021-02-29", "2021-13", "2021-00-01", "2021-01-01 24:00", "01/02/2020", "May 2020", "", "NaN"]) {
    expect(parseTime(cell)).toBeUndefined();
  }
});

test("steps have names and seasons", () => {
  const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
  const steps = [
    [{ unit: "ms", size: 15 * minute }, "15 minutes", 96],
    [{ unit: "ms", size: hour }, "1 hour", 24],
    [{ unit: "ms", size: day }, "1 day", 7],
    [{ unit: "ms", size: 7 * day }, "1 week", 52],
    [{ unit: "month", size: 1 }, "1 month", 12],
    [{ unit: "month", size: 3 }, "3 months", 4],
    [{ unit: "month", size: 12 }, "1 year", 1],
    [{ unit: "number", size: 0.5 }, "0.5", 1],
    [{ unit: "row", size: 1 }, "1 row", 1],
  ] as const;
  for (const [step, name, season] of steps) expect([nameOfStep(step), seasonOfStep(step)]).toEqual([name, season]);
});

test("times are shown as short as they can be", () => {
  expect(showTime(Date.UTC(2020, 4, 31), "date")).toBe("2020-05-31");
  expect(showTime(Date.UTC(2020, 4, 31, 18), "date")).toBe("2020-05-31 18:00");
  expect(showTime(Date.UTC(2020, 4, 31, 18, 0, 5), "date")).toBe("2020-05-31 18:00:05");
  expect(showTime(1.5, "number")).toBe("1.5");
});
