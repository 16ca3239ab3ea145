import { expect, test } from "vitest";
import { formatBytes, formatCount, formatDuration, formatNumber, formatTable } from "./text.ts";

test.each([
  [98.31234, "98.31"],
  [0.00123456, "0.001235"],
  [0.0000123456, "1.235e-5"],
  [-1.5, "-1.500"],
  [3, "3"],
  [0, "0"],
  [1234.56, "1234.6"],
  [54321.9, "54322"],
  [123456789, "1.235e+8"],
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "Infinity"],
])("the number %d reads %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test.each([
  [0.04, "0.0 s"],
  [9.94, "9.9 s"],
  [9.96, "10 s"],
  [59.4, "59 s"],
  [59.6, "1 min 00 s"],
  [185, "3 min 05 s"],
  [3599.6, "1 h 00 min"],
  [8040, "2 h 14 min"],
  [400_000, "5 days"],
  [Number.POSITIVE_INFINITY, "?"],
  [Number.NaN, "?"],
])("%d seconds read %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test("counts and bytes", () => {
  expect(formatCount(1234567)).toBe("1,234,567");
  expect([0, 999, 1000, 9_960, 99_600, 999_600, 4.1e9].map(formatBytes)).toEqual([
    "0 B",
    "999 B",
    "1.0 kB",
    "10 kB",
    "100 kB",
    "1.0 MB",
    "4.1 GB",
  ]);
});

test("a table's columns stand under each other, and its last one is broken to the width", () => {
  const rows = [
    ["loss", "98.31", "nats, the mean over all examples"],
    ["kl", "7", "nats"],
  ];
  expect(formatTable(rows, { right: [1], width: 41 })).toBe(
    ["loss  98.31  nats, the mean over all", "             examples", "kl        7  nats", ""].join("\n"),
  );
  expect(formatTable([])).toBe("");
});
