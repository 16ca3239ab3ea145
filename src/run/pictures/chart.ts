/** Charts as SVG: bars in parts, and areas over time, one below the other on a page. */

import { GalateaError } from "../../core/base/index.ts";
import { writeFileAtomically } from "../files.ts";
import { faint, fonts, rectangle, round, text } from "./svg.ts";

/** What a colour stands for. */
export interface Series {
  readonly name: string;
  /** As CSS writes colours. */
  readonly colour: string;
}

/** Horizontal bars below each other, each made of parts. */
export interface BarChart {
  readonly kind: "bars";
  readonly title: string;
  /** What the parts of all bars are, in order. */
  readonly series: readonly Series[];
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly label: string;
  /** Lengths of the parts, 0 or more. */
  readonly parts: readonly number[];
  /** Written at the bar's end. */
  readonly note: string;
}

/** A quantity that changes in steps; each step is drawn in the colour of a series. */
export interface AreaChart {
  readonly kind: "area";
  readonly title: string;
  readonly series: readonly Series[];
  readonly steps: readonly AreaStep[];
  /** The highest value and the whole width in words, for the axes. */
  readonly highest: string;
  readonly whole: string;
}

export interface AreaStep {
  /** Width and height, 0 or more. */
  readonly width: number;
  readonly value: number;
  /** Place of its series. */
  readonly series: number;
}

export interface ChartPage {
  readonly title: string;
  /** Lines below the title. */
  readonly notes: readonly string[];
  readonly charts: readonly (BarChart | AreaChart)[];
}

const [pageWidth, margin, labelWidth, noteWidth] = [1200, 32, 300, 150];
const [lineHeight, barHeight, barGap, areaHeight] = [22, 18, 7, 190];
const plotWidth = pageWidth - 2 * margin - labelWidth - noteWidth;
const longestLabel = 40;
/** A long text without its middle. */
function shorten(text: string): string {
  if (text.length <= longestLabel) return text;
  const kept = (longestLabel - 1) / 2;
  return `${text.slice(0, Math.ceil(kept))}…${text.slice(-Math.floor(kept))}`;
}

/** A piece of the page and how much of its height it takes. */
interface Drawn {
  readonly svg: string;
  readonly height: number;
}

function heading(title: string, series: readonly Series[], top: number): Drawn {
  const parts = [text(margin, top + 16, title, { size: 16, bold: true })];
  let left = margin + labelWidth;
  for (const { name, colour } of series) {
    parts.push(rectangle(left, top + 4, 12, 12, colour), text(left + 18, top + 15, name, { colour: faint }));
    left += 18 + 9 * name.length + 18;
  }
  return { svg: parts.join(""), height: 30 };
}

function drawBars({ title, series, bars }: BarChart, top: number): Drawn {
  const head = heading(title, series, top);
  const longest = bars.reduce((most, { parts }) => Math.max(most, sum(parts)), 0);
  const scale = longest > 0 ? plotWidth / longest : 0;
  const left = margin + labelWidth;
  const lines = bars.map(({ label, parts, note }, i) => {
    const y = top + head.height + i * (barHeight + barGap);
    const pieces = [text(left - 10, y + 14, shorten(label), { anchor: "end" })];
    let x = left;
    parts.forEach((part, at) => {
      if (part > 0) pieces.push(rectangle(x, y, part * scale, barHeight, series[at].colour));
      x += part * scale;
    });
    pieces.push(text(x + 8, y + 14, note, { colour: faint }));
    return pieces.join("");
  });
  return { svg: head.svg + lines.join(""), height: head.height + bars.length * (barHeight + barGap) };
}

function drawArea({ title, series, steps, highest, whole }: AreaChart, top: number): Drawn {
  const head = heading(title, series, top);
  const bottom = top + head.height + areaHeight;
  const [left, right] = [margin + labelWidth, margin + labelWidth + plotWidth];
  const total = sum(steps.map(({ width }) => width));
  const most = steps.reduce((high, { value }) => Math.max(high, value), 0);
  const [perWidth, perValue] = [total > 0 ? plotWidth / total : 0, most > 0 ? areaHeight / most : 0];
  // One path for each series: thousands of steps stay one small picture.
  const paths = series.map(() => "");
  let x = left;
  for (const { width, value, series: at } of steps) {
    const [end, height] = [x + width * perWidth, value * perValue];
    paths[at] += `M${round(x)} ${bottom}V${round(bottom - height)}H${round(end)}V${bottom}Z`;
    x = end;
  }
  const areas = paths.map((path, at) => (path === "" ? "" : `<path d="${path}" fill="${series[at].colour}"/>`));
  const axis = `<path d="M${left} ${bottom - areaHeight}V${bottom}H${right}" stroke="${faint}" fill="none"/>`;
  const words = [
    text(left - 10, bottom - areaHeight + 12, highest, { anchor: "end" }),
    text(left - 10, bottom, "0", { anchor: "end" }),
    text(right, bottom + 18, whole, { anchor: "end", colour: faint }),
  ];
  return { svg: head.svg + areas.join("") + axis + words.join(""), height: head.height + areaHeight + lineHeight };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** A page of charts as the text of an SVG file. */
export function drawCharts({ title, notes, charts }: ChartPage): string {
  const parts = [text(margin, margin + 14, title, { size: 20, bold: true })];
  let top = margin + 28;
  for (const note of notes) {
    parts.push(text(margin, top + 12, note, { colour: faint }));
    top += lineHeight;
  }
  for (const chart of charts) {
    top += 22;
    const { svg, height } = chart.kind === "bars" ? drawBars(chart, top) : drawArea(chart, top);
    parts.push(svg);
    top += height;
  }
  const height = Math.ceil(top + margin);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${pageWidth}" height="${height}" font-family="${fonts}">` +
    `${rectangle(0, 0, pageWidth, height, "#ffffff")}${parts.join("")}</svg>`
  );
}

/**
 * An SVG as the bytes of a PNG file. Letters come from the system's fonts.
 * @throws GalateaError `shape` when it is no SVG.
 */
export async function encodeSvg(svg: string): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  return sharp(Buffer.from(svg), { limitInputPixels: false, unlimited: true })
    .png({ compressionLevel: 9 })
    .toBuffer()
    .catch((cause: Error) => {
      throw new GalateaError("shape", "picture", `the SVG cannot be drawn: ${cause.message}`, undefined, { cause });
    });
}

/**
 * Writes an SVG as a PNG file, whole or not at all.
 * @returns whether the system has a font; without one the picture has boxes in place of letters
 * @throws GalateaError `shape` when it is no SVG; `storage` when the file cannot be written.
 */
export async function writeSvgPicture(path: string, svg: string): Promise<boolean> {
  await writeFileAtomically(path, await encodeSvg(svg));
  return canDrawText();
}

/** Without fonts all letters are the same box. */
async function canDrawText(): Promise<boolean> {
  const { default: sharp } = await import("sharp");
  const drawn = ["W", "i"].map((letter) => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" font-family="${fonts}">${text(4, 30, letter, { size: 24 })}</svg>`;
    return sharp(Buffer.from(svg)).raw().toBuffer();
  });
  const [wide, narrow] = await Promise.all(drawn);
  return !wide.equals(narrow);
}
