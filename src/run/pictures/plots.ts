/** Plots of numbers as SVG: lines over steps, and points of the plane, side by side on a page. */

import type { EChartsOption, SeriesOption } from "echarts";

/** One line: [x, y] of each point, in the order of x. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LinePanel {
  readonly kind: "lines";
  readonly title: string;
  /** What the horizontal axis counts. */
  readonly x: string;
  readonly lines: readonly Line[];
}

/** Points that belong together, in one colour. */
export interface PointGroup {
  readonly name: string;
  /** [count, 2], row-major. */
  readonly points: Float32Array;
}

/** Points of the plane, both axes of one length. */
export interface PointPanel {
  readonly kind: "points";
  readonly title: string;
  readonly groups: readonly PointGroup[];
  /** Lowest and highest value of both axes; around all points where absent. */
  readonly range?: readonly [low: number, high: number];
}

export interface PlotPage {
  readonly title: string;
  readonly panels: readonly (LinePanel | PointPanel)[];
}

/** Ten colours that are told apart, and the same lighter. */
const colours = [
  ...["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"],
  ...["#aec7e8", "#ffbb78", "#98df8a", "#ff9896", "#c5b0d5", "#c49c94", "#f7b6d2", "#c7c7c7", "#dbdb8d", "#9edae5"],
];

const [panelWidth, panelHeight, gap, titleHeight, axisSpace] = [560, 560, 24, 46, 56];
/** Of the names of series; at least so many stand in a line. */
const [nameHeight, namesInLine] = [20, 2];

/** Room for a panel's title and the longest list of names. */
function legendHeightOf(panels: PlotPage["panels"]): number {
  const most = Math.max(0, ...panels.map((panel) => namesOf(panel).length));
  return 34 + nameHeight * Math.ceil(most / namesInLine);
}

/**
 * Square panels in a line.
 * @returns the text of an SVG file
 */
export async function drawPlots({ title, panels }: PlotPage): Promise<string> {
  // Loaded when first needed: most commands draw nothing.
  const echarts = await import("echarts");
  const width = panels.length * (panelWidth + gap) + gap;
  const height = titleHeight + legendHeightOf(panels) + panelHeight;
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption(optionsOf(title, panels));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

function optionsOf(title: string, panels: PlotPage["panels"]): EChartsOption {
  const legendHeight = legendHeightOf(panels);
  const left = (index: number): number => gap + index * (panelWidth + gap);
  return {
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: { fontFamily: "DejaVu Sans, Liberation Sans, Noto Sans, Helvetica, Arial, sans-serif" },
    title: [
      { text: title, left: gap, top: 10, textStyle: { fontSize: 18 } },
      ...panels.map((panel, i) => ({
        text: panel.title,
        left: left(i) + axisSpace,
        top: titleHeight,
        textStyle: { fontSize: 14, fontWeight: "normal" as const },
      })),
    ],
    legend: panels.map((panel, i) => {
      const names = namesOf(panel);
      return {
        show: names.length > 1,
        data: names.map((name) => seriesName(i, name)),
        // Without a window to measure it in, the library takes text for narrower than it is.
        formatter: (name: string) => name.slice(name.indexOf(":") + 1) + "\u00a0".repeat(3 + name.length / 8),
        left: left(i) + axisSpace,
        width: panelWidth - axisSpace,
        top: titleHeight + 22,
        itemGap: nameHeight - 14,
        itemWidth: 14,
        itemHeight: 8,
      };
    }),
    grid: panels.map((_, i) => ({
      left: left(i) + axisSpace,
      top: titleHeight + legendHeight,
      width: panelWidth - axisSpace,
      height: panelHeight - axisSpace,
    })),
    xAxis: panels.map((panel, gridIndex) => ({
      ...axisOf(panel),
      gridIndex,
      ...(panel.kind === "lines" && { name: panel.x, nameLocation: "middle" as const, nameGap: 28 }),
    })),
    yAxis: panels.map((panel, gridIndex) => ({ ...axisOf(panel), gridIndex })),
    series: panels.flatMap((panel, i) => seriesOf(panel, i)),
  };
}

interface ValueAxis {
  readonly type: "value";
  readonly scale?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly axisLabel?: { readonly showMinLabel: boolean; readonly showMaxLabel: boolean };
}

/** Series share one list of names: those of a panel carry its number. */
function seriesName(panel: number, name: string): string {
  return `${panel}:${name}`;
}

function namesOf(panel: LinePanel | PointPanel): readonly string[] {
  return (panel.kind === "lines" ? panel.lines : panel.groups).map(({ name }) => name);
}

function axisOf(panel: LinePanel | PointPanel): ValueAxis {
  if (panel.kind === "lines") return { type: "value", scale: true };
  const [min, max] = panel.range ?? rangeOf(panel.groups);
  // The ends of the range are no round numbers.
  return { type: "value", min, max, axisLabel: { showMinLabel: false, showMaxLabel: false } };
}

/** A square around all points. */
function rangeOf(groups: readonly PointGroup[]): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { points } of groups) {
    for (const value of points) {
      if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
    }
  }
  if (low > high) return [-1, 1];
  const room = 0.05 * (high - low) || 1;
  return [Number((low - room).toPrecision(3)), Number((high + room).toPrecision(3))];
}

function seriesOf(panel: LinePanel | PointPanel, index: number): SeriesOption[] {
  const place = { xAxisIndex: index, yAxisIndex: index };
  if (panel.kind === "lines") {
    return panel.lines.map(({ name, points }, i) => ({
      type: "line",
      color: colours[i % colours.length],
      name: seriesName(index, name),
      ...place,
      showSymbol: points.length < 2,
      lineStyle: { width: 1.5 },
      data: points.map(([x, y]) => [x, y]),
    }));
  }
  return panel.groups.map(({ name, points }, i) => ({
    type: "scatter",
    color: colours[i % colours.length],
    name: seriesName(index, name),
    ...place,
    symbolSize: 3,
    itemStyle: { opacity: 0.6 },
    // Points beyond the axes would be drawn over the next panel.
    clip: true,
    data: Array.from({ length: points.length / 2 }, (_, i) => [points[2 * i], points[2 * i + 1]]),
  }));
}
