/** Heat maps with names on both axes, on a page: rows of panels, each a table of numbers as colours. */

import { formatShape, GalateaError } from "../../core/base/index.ts";
import { heatColour } from "./heat.ts";
import { encodePng } from "./picture.ts";
import { embedded, fonts, rectangle, text } from "./svg.ts";

export interface HeatMap {
  readonly title: string;
  /** Names of rows, from the top, and of columns; names that are all empty take no room. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** [rows, columns]. */
  readonly values: Float32Array;
  /** Values of the darkest and the lightest colour. */
  readonly range: readonly [low: number, high: number];
}

export interface HeatPage {
  readonly title: string;
  /** Panels in lines, one below the other. */
  readonly lines: readonly (readonly HeatMap[])[];
}

const [margin, gap, titleHeight, panelTitleHeight, letter, labelSize] = [24, 28, 44, 24, 7.2, 12];
/** Pixels of a cell, and of a whole map where its cells can be that small. */
const [smallestCell, largestCell, comfortable] = [2, 22, 560];
const longestLabel = 40;

/** A panel's measures, in pixels. */
interface Layout {
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Room for names. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * A page of heat maps as SVG.
 * @throws GalateaError `shape` when the values of a map do not fit its names.
 */
export async function drawHeatMaps({ title, lines }: HeatPage): Promise<string> {
  const parts = [text(margin, margin + 12, title, { size: 18, bold: true })];
  let [top, widest] = [margin + titleHeight, margin + 11.5 * title.length];
  for (const line of lines) {
    const layouts = line.map(layoutOf);
    let left = margin;
    for (const [i, map] of line.entries()) {
      parts.push(await drawMap(map, layouts[i], left, top));
      left += layouts[i].width + gap;
    }
    widest = Math.max(widest, left - gap);
    top += Math.max(...layouts.map(({ height }) => height)) + gap;
  }
  const [width, height] = [Math.ceil(widest + margin), Math.ceil(top - gap + margin)];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${fonts}">` +
    `${rectangle(0, 0, width, height, "#ffffff")}${parts.join("")}</svg>`
  );
}

function layoutOf({ title, rows, columns }: HeatMap): Layout {
  const cell = (count: number): number =>
    Math.max(smallestCell, Math.min(largestCell, Math.floor(comfortable / Math.max(1, count))));
  const [cellWidth, cellHeight] = [cell(columns.length), cell(rows.length)];
  const [left, above] = [rows, columns].map((names) => {
    const longest = Math.max(0, ...names.map((name) => shortened(name).length));
    return longest === 0 ? 0 : 8 + letter * longest;
  });
  const width = Math.max(left + cellWidth * columns.length, 9 * title.length);
  const top = panelTitleHeight + above;
  return { cellWidth, cellHeight, left, top, width, height: top + cellHeight * rows.length };
}

async function drawMap(map: HeatMap, layout: Layout, left: number, top: number): Promise<string> {
  const { title, rows, columns, values, range } = map;
  const { cellWidth, cellHeight } = layout;
  if (values.length !== rows.length * columns.length) {
    const seen = `${values.length} values for ${formatShape([rows.length, columns.length])}`;
    throw new GalateaError("shape", "heat map", seen, "[rows, columns]");
  }
  const [x, y] = [left + layout.left, top + layout.top];
  const parts = [text(left, top + 12, title, { size: 14 })];
  const each = (cell: number): number => Math.max(1, Math.ceil(labelSize / cell));
  rows.forEach((name, i) => {
    if (i % each(cellHeight) !== 0) return;
    const at = y + (i + 0.5) * cellHeight + labelSize / 3;
    parts.push(text(x - 6, at, shortened(name), { size: labelSize, anchor: "end" }));
  });
  columns.forEach((name, i) => {
    if (i % each(cellWidth) !== 0) return;
    const at = x + (i + 0.5) * cellWidth + labelSize / 3;
    const upright = text(0, 0, shortened(name), { size: labelSize });
    parts.push(`<g transform="translate(${at.toFixed(1)} ${(y - 6).toFixed(1)}) rotate(-90)">${upright}</g>`);
  });
  const [width, height] = [columns.length * cellWidth, rows.length * cellHeight];
  if (width > 0 && height > 0) {
    const png = await encodePng(paint(map, range, cellWidth, cellHeight));
    parts.push(embedded(x, y, width, height, png));
  }
  return parts.join("");
}

/** The cells as pixels: as one picture they are far less to draw than as a rectangle each. */
function paint(
  { rows, columns, values }: HeatMap,
  [low, high]: readonly [number, number],
  cellWidth: number,
  cellHeight: number,
) {
  const [width, height] = [columns.length * cellWidth, rows.length * cellHeight];
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / cellHeight);
    for (let x = 0; x < width; x++) {
      const value = values[row * columns.length + Math.floor(x / cellWidth)];
      data.set(heatColour((value - low) / (high - low || 1)), 3 * (y * width + x));
    }
  }
  return { width, height, channels: 3, data } as const;
}

function shortened(name: string): string {
  const letters = Array.from(name);
  return letters.length <= longestLabel ? name : `${letters.slice(0, longestLabel - 1).join("")}…`;
}
