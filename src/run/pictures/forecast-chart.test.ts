import { expect, test } from "vitest";
import { drawForecast } from "./forecast-chart.ts";

const chart = {
  title: "load: 2 steps",
  past: [-3, -1, 0],
  median: [-1, 1],
  path: [-2, 3],
  bands: [
    { name: "90%", low: [-3, -2], high: [1, 4] },
    { name: "50%", low: [-2, 0], high: [0, 2] },
  ],
  times: ["a", "b", "c", "d", "e"],
};

/** Filled shapes of the forecast's colour. */
const areas = (svg: string): readonly string[] =>
  svg.match(/<path[^>]*fill="#1f77b4"[^>]*fill-opacity="0\.[13]8?"/g) ?? [];

test("a line for the past and the median, an area for each band, also below zero", async () => {
  const svg = await drawForecast(chart);
  expect(svg).toContain("load: 2 steps");
  expect(svg).not.toContain("NaN");
  expect(svg).not.toContain("what came");
  expect(areas(svg).length).toBeGreaterThanOrEqual(2);
});

test("a path is a dotted line", async () => {
  expect(await drawForecast(chart)).toMatch(/a.path/);
  expect((await drawForecast(chart)).match(/stroke-dasharray/g)?.length).toBeGreaterThanOrEqual(1);
});

test("what came is a line of its own", async () => {
  const svg = await drawForecast({ ...chart, came: [0, 0] });
  expect(svg).toMatch(/what.came/);
  expect(svg).toContain("#d62728");
});
