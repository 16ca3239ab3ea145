/** Pictures of what goes on inside a model: attention as heat maps or over its image, gates and cells over a sequence. */

import type { Key } from "../core/index.ts";
import type { Dataset, Tokenizers } from "./data/index.ts";
import { hasInside, type InsideMaps } from "./inside.ts";
import { type ExampleInside, inspectExamples } from "./inside-examples.ts";
import type { DeviceParameters, Model } from "./model.ts";
import { drawHeatMaps, drawLooks, encodeSvg, type HeatMap } from "./pictures/index.ts";

export interface InsidePicture {
  /** Such as `memoryAttention` or `gates`. */
  readonly name: string;
  /** PNG. */
  readonly bytes: Uint8Array;
}

/** Every picture of one example's inside: one of each attention, all layers and heads, and one of each group of states. */
export async function insidePictures(example: ExampleInside): Promise<readonly InsidePicture[]> {
  const groups = new Map<string, InsideMaps[]>();
  for (const maps of example.inside) {
    const group = maps.group ?? maps.name;
    groups.set(group, [...(groups.get(group) ?? []), maps]);
  }
  const pictures: InsidePicture[] = [];
  for (const [name, members] of groups) pictures.push({ name, bytes: await draw(name, members, example) });
  return pictures;
}

/**
 * One picture of where a model looks while it answers the first example of a data set: from one sequence to another where
 * it does, each layer's mean over its heads.
 * @returns PNG, or nothing where the model has no attention
 */
export async function attentionPicture(
  model: Model,
  parameters: DeviceParameters,
  { tokenizers, key, examples }: { readonly tokenizers: Tokenizers; readonly key: Key; readonly examples: Dataset },
): Promise<Uint8Array | undefined> {
  const views = Object.entries(model.family.views ?? {}).filter(([, { kind }]) => kind === "attention");
  if (!hasInside(model) || views.length === 0) return undefined;
  const fieldOf = (axis: object): unknown => ("field" in axis ? axis.field : undefined);
  const across = views.find(([, { rows, columns }]) => fieldOf(rows) !== fieldOf(columns));
  const [name] = across ?? views[0];
  const [example] = await inspectExamples({ model, parameters, tokenizers, key, examples, count: 1 });
  const maps = example.inside.find((one) => one.name === name);
  return maps && draw(name, [meanOverHeads(maps)], example);
}

function draw(name: string, members: readonly InsideMaps[], example: ExampleInside): Promise<Uint8Array> {
  const [first] = members;
  if (first.columns.kind === "map" && example.image) return drawOverImage(first, example);
  const lines =
    first.kind === "states"
      ? layersOf(first).map((layer) => members.map((maps) => statesPanel(maps, layer)))
      : layersOf(first).map((layer) => headsOf(first).map((head) => weightsPanel(first, layer, head)));
  const title = first.kind === "states" ? `${name}: gates, cell and state over the sequence` : first.title;
  return drawHeatMaps({ title, lines }).then(encodeSvg);
}

const layersOf = ({ layers }: InsideMaps): readonly number[] => Array.from({ length: layers }, (_, i) => i);
const headsOf = ({ heads }: InsideMaps): readonly number[] => Array.from({ length: heads }, (_, i) => i);

/** The values of one map, [rows, columns]. */
function mapOf({ heads, rows, columns, values }: InsideMaps, layer: number, head: number): Float32Array {
  const size = rows.labels.length * columns.labels.length;
  const start = (layer * heads + head) * size;
  return values.subarray(start, start + size);
}

function titleOf({ layers, heads }: InsideMaps, layer: number, head: number): string {
  const parts = [layers > 1 ? `layer ${layer + 1}` : "", heads > 1 ? `head ${head + 1}` : ""];
  return parts.filter((part) => part !== "").join(", ");
}

function weightsPanel(maps: InsideMaps, layer: number, head: number): HeatMap {
  const own = mapOf(maps, layer, head);
  const { rows, columns } = maps;
  const title = titleOf(maps, layer, head);
  if (maps.kind !== "scores") return { title, rows: rows.labels, columns: columns.labels, values: own, range: [0, 1] };
  // Time to the right.
  const values = transposed(own.map(Math.exp), columns.labels.length);
  return { title, rows: columns.labels, columns: rows.labels, values, range: [0, 1] };
}

/** A map [rows, columns] as [columns, rows]. */
function transposed(values: Float32Array, columns: number): Float32Array {
  const rows = values.length / columns;
  return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
}

/** Time to the right, units below each other; of unnamed range, as far on both sides of 0 as it goes. */
function statesPanel(maps: InsideMaps, layer: number): HeatMap {
  const own = mapOf(maps, layer, 0);
  const units = maps.columns.labels.length;
  const values = transposed(own, units);
  const most = values.reduce((highest, value) => Math.max(highest, Math.abs(value)), 0) || 1;
  const range = maps.range ?? ([-most, most] as const);
  const [low, high] = range.map((end) => Number(end.toPrecision(2)));
  const layerTitle = titleOf(maps, layer, 0);
  const title = `${maps.title}, ${low} to ${high}${layerTitle === "" ? "" : `, ${layerTitle}`}`;
  return { title, rows: Array(units).fill(""), columns: maps.rows.labels, values, range };
}

/** Attention over an image, the mean over layers and heads. */
function drawOverImage(maps: InsideMaps, { image, answer = "" }: ExampleInside): Promise<Uint8Array> {
  const { rows, columns, values } = maps;
  const size = rows.labels.length * columns.labels.length;
  const mean = new Float32Array(size);
  for (const [i, value] of values.entries()) mean[i % size] += value / (values.length / size);
  const looks = rows.labels.map((word, i) => {
    return { word, weights: mean.subarray(i * columns.labels.length, (i + 1) * columns.labels.length) };
  });
  const { height = 1, width = 1 } = columns;
  const { shape, data } = image as NonNullable<ExampleInside["image"]>;
  return drawLooks({ title: answer, shape, image: data, map: [height, width], looks }).then(encodeSvg);
}

function meanOverHeads(maps: InsideMaps): InsideMaps {
  const { layers, heads, rows, columns, values } = maps;
  const size = rows.labels.length * columns.labels.length;
  const mean = new Float32Array(layers * size);
  for (const [i, value] of values.entries()) {
    mean[Math.floor(i / (heads * size)) * size + (i % size)] += value / heads;
  }
  return { ...maps, heads: 1, values: mean };
}
