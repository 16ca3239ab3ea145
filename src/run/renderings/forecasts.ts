/** Forecasts as files: a chart of each, and its quantiles and one path as a table. */

import { type Family, forecastLevels } from "../../learn/models/index.ts";
import type { Reading, WindowOrigin } from "../data/index.ts";
import type { HostBatch, Results } from "../model.ts";
import { drawForecast, encodeSvg } from "../pictures/index.ts";
import type { RenderedFile, Rendering } from "./rendering.ts";

/** Of the past so many horizons are drawn at most. */
const pastShown = 3;

/** A rendering of forecasts, where a family makes such of series. */
export function forecastRendering({ outputs }: Pick<Family, "outputs">, { series }: Reading): Rendering | undefined {
  if (!series || !outputs.quantiles) return undefined;
  return {
    shown: 4,
    render: async (samples, conditions, origins = []) => {
      const [count] = samples.quantiles.shape;
      const rendered = Array.from({ length: count }, (_, i) =>
        renderForecast(i, samples, conditions, origins[i % Math.max(1, origins.length)]),
      );
      return (await Promise.all(rendered)).flat();
    },
  };
}

async function renderForecast(
  index: number,
  { quantiles, future }: Results,
  { past }: HostBatch,
  origin: WindowOrigin | undefined,
): Promise<readonly RenderedFile[]> {
  const [, levels, horizon] = quantiles.shape;
  const [, context] = past.shape;
  const { mean, deviation } = origin?.scale ?? { mean: 0, deviation: 1 };
  const part = ({ data }: Results[string], start: number, length: number): Float64Array =>
    Float64Array.from({ length }, (_, i) => mean + deviation * Number(data[start + i]));
  const lines = Array.from({ length: levels }, (_, k) => part(quantiles, (index * levels + k) * horizon, horizon));
  const path = part(future, index * horizon, horizon);
  const timeAt = (step: number): string => origin?.timeAt(step) ?? String(step + 1);
  const shown = Math.min(context, pastShown * horizon);
  const [low90, low50, median, high50, high90] = lines;
  const name = origin?.series ?? `series ${index + 1}`;
  const svg = await drawForecast({
    title: `${name}: ${horizon} steps from ${timeAt(0)}`,
    past: part(past, (index + 1) * context - shown, shown),
    median,
    path,
    bands: [
      { name: "90%", low: low90, high: high90 },
      { name: "50%", low: low50, high: high50 },
    ],
    ...(origin?.came && { came: origin.came }),
    times: Array.from({ length: shown + horizon }, (_, i) => timeAt(i - shown)),
  });
  const rows = Array.from({ length: horizon }, (_, step) => [
    timeAt(step),
    ...[...lines, path].map((line) => rounded(line[step])),
  ]);
  const table = [["time", ...forecastLevels.map((level) => `q${level}`), "path"], ...rows].map(
    (row) => `${row.join(",")}\n`,
  );
  const file = `${index + 1}-${name.replace(/[^\p{L}\p{N}_-]+/gu, "_")}`;
  return [
    { name: `${file}.png`, bytes: await encodeSvg(svg) },
    { name: `${file}.csv`, bytes: table.join("") },
  ];
}

/** As many digits as a float32 number has. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}
