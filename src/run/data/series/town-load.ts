/** A town's load, temperature and sunshine by the hour, made when they are needed: series for presets that nobody has given
 * any. The one kept npm package that ships real ones (vega-datasets) has 42 MB, of which these would be 50 kB. */

import { foldKey, hashName, keyFromSeed, randomUniform } from "../../../core/base/index.ts";
import type { SeriesTable } from "./series-table.ts";

const hours = 24 * 730;
const start = Date.UTC(2023, 0, 1);
const hourMs = 3_600_000;

/** Share of the usual load in each hour of a working day, and of a day off. */
const working = [
  62, 58, 56, 55, 57, 64, 80, 98, 106, 108, 107, 108, 110, 108, 105, 103, 104, 110, 118, 120, 114, 102, 86, 72,
];
const free = [68, 62, 59, 57, 56, 58, 63, 70, 80, 90, 97, 102, 104, 101, 96, 92, 91, 95, 103, 106, 102, 94, 84, 74];

/** Noise that remembers so much of the hour before, with deviation 1. */
function drifting(stream: string, memory: number): Float64Array {
  const key = foldKey(keyFromSeed(0), hashName(`town-load ${stream}`));
  const noise = new Float64Array(hours);
  for (let t = 0, now = 0; t < hours; t++) {
    const [a, b] = [randomUniform(key, 2 * t), randomUniform(key, 2 * t + 1)];
    const normal = Math.sqrt(-2 * Math.log(a)) * Math.cos(2 * Math.PI * b);
    now = memory * now + Math.sqrt(1 - memory ** 2) * normal;
    noise[t] = now;
  }
  return noise;
}

/**
 * Two years by the hour: `load` in MW, which follows the hour, the day of the week and the cold; `temperature` in degrees
 * Celsius; `sun` in W/m^2, 0 at night and less under clouds.
 */
export function townLoad(): SeriesTable {
  const [weather, clouds, habits] = [drifting("weather", 0.99), drifting("clouds", 0.96), drifting("habits", 0.9)];
  const [load, temperature, sun] = [0, 1, 2].map(() => new Float64Array(hours));
  for (let t = 0; t < hours; t++) {
    const date = new Date(start + t * hourMs);
    const hour = date.getUTCHours();
    const year = (2 * Math.PI * (t / 24 - 15)) / 365.25;
    const day = (2 * Math.PI * (hour - 15)) / 24;
    const isFree = date.getUTCDay() === 0 || date.getUTCDay() === 6;
    const cover = 1 / (1 + Math.exp(-clouds[t]));
    const length = 12 - 4 * Math.cos(year);
    const height =
      Math.max(0, Math.sin((Math.PI * (hour - 12 + length / 2)) / length)) * Number(Math.abs(hour - 12) < length / 2);
    temperature[t] = 10 - 9 * Math.cos(year) + 3.5 * Math.cos(day) * (1.2 - cover) + 3 * weather[t];
    sun[t] = Math.round((550 - 250 * Math.cos(year)) * height * (1 - 0.75 * cover));
    const share = (isFree ? free : working)[hour] / 100;
    load[t] =
      50 * share + 0.9 * Math.max(0, 15 - temperature[t]) + 0.7 * Math.max(0, temperature[t] - 24) + 1.2 * habits[t];
  }
  const timeAt = (position: number): number => start + position * hourMs;
  return {
    name: "town-load",
    columns: ["load", "temperature", "sun"],
    values: [load, temperature, sun].map((series) => series.map((value) => Math.round(100 * value) / 100)),
    times: Float64Array.from({ length: hours }, (_, t) => timeAt(t)),
    step: { unit: "ms", size: hourMs },
    kind: "date",
    timeAt,
    notes: [],
  };
}
