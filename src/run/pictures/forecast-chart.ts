/** Forecasts as SVG: what was, the median of what is to come, bands that it lies in, and a path that it may take. */

import type { EChartsOption, LineSeriesOption } from "echarts";

/** Values that lie between two others, step by step. */
export interface ForecastBand {
  readonly name: string;
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
}

export interface ForecastChart {
  readonly title: string;
  readonly past: ArrayLike<number>;
  readonly median: ArrayLike<number>;
  /** One of the ways that it may go. */
  readonly path: ArrayLike<number>;
  /** The widest first. */
  readonly bands: readonly ForecastBand[];
  /** What came, where that is known. */
  readonly came?: ArrayLike<number>;
  /** Of each step, past and future. */
  readonly times: readonly string[];
}

const [width, height] = [900, 360];
const [ink, forecastColour] = ["#444444", "#1f77b4"];
const [cameColour, pathColour] = ["#d62728", "#9467bd"];

/**
 * A forecast behind its past.
 * @returns the text of an SVG file
 */
export async function drawForecast(chart: ForecastChart): Promise<string> {
  // Loaded when first needed: most commands draw nothing.
  const echarts = await import("echarts");
  const drawing = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    drawing.setOption(optionsOf(chart));
    return drawing.renderToSVGString();
  } finally {
    drawing.dispose();
  }
}

function optionsOf({ title, past, median, path, bands, came, times }: ForecastChart): EChartsOption {
  const line = (
    name: string,
    values: ArrayLike<number>,
    color: string,
    lineStyle: LineSeriesOption["lineStyle"] & {} = { width: 1.5 },
  ): LineSeriesOption => ({
    type: "line",
    name,
    color,
    showSymbol: values.length < 2,
    lineStyle,
    data: Array.from(values),
  });
  const later = (values: ArrayLike<number>): number[] => [
    ...new Array<number>(past.length).fill(Number.NaN),
    ...Array.from(values),
  ];
  const series = [
    ...bands.flatMap((band, i) => bandSeries(band, i, later)),
    line("past", past, ink),
    ...(came ? [line("what came", later(came), cameColour)] : []),
    line("a path", later(path), pathColour, { width: 1, type: "dotted" }),
    line("median", later(median), forecastColour),
  ];
  const names = ["past", "median", "a path", ...bands.map(({ name }) => name), ...(came ? ["what came"] : [])];
  return {
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: { fontFamily: "DejaVu Sans, Liberation Sans, Noto Sans, Helvetica, Arial, sans-serif" },
    title: { text: title, left: 16, top: 8, textStyle: { fontSize: 16 } },
    // Without a window to measure it in, the library takes text for narrower than it is.
    legend: {
      icon: "roundRect",
      data: names,
      left: 16,
      top: 36,
      formatter: (name) => name + "\u00a0".repeat(3 + name.length / 8),
    },
    grid: { left: 70, right: 24, top: 70, bottom: 36 },
    xAxis: { type: "category", data: [...times], boundaryGap: false, axisLabel: { showMaxLabel: false } },
    yAxis: { type: "value", scale: true },
    series,
  };
}

/** A line without colour, and on it an area as high as the band. */
function bandSeries(
  { name, low, high }: ForecastBand,
  index: number,
  later: (values: ArrayLike<number>) => number[],
): readonly LineSeriesOption[] {
  const shared: LineSeriesOption = {
    type: "line",
    color: forecastColour,
    stack: `band ${index}`,
    stackStrategy: "all",
    showSymbol: false,
    lineStyle: { opacity: 0 },
  };
  const heights = Array.from(low, (value, i) => high[i] - value);
  const opacity = 0.18 + 0.12 * index;
  return [
    { ...shared, name: `${name} from`, data: later(low) },
    { ...shared, name, data: later(heights), areaStyle: { opacity }, itemStyle: { opacity: 0.3 + 0.3 * index } },
  ];
}
