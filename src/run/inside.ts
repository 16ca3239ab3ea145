/** What goes on inside a model while it reads examples, as plain numbers with the names of what stands along their axes. */

import { GalateaError, type HostArray, sizeOf } from "../core/index.ts";
import type { HostTensor } from "../engine/index.ts";
import type { View, ViewAxis } from "../learn/models/index.ts";
import type { Tokenizers } from "./data/index.ts";
import type { DeviceParameters, HostBatch, Model, Results } from "./model.ts";

/** What stands along one side of a map. */
export interface InsideAxis {
  readonly kind: ViewAxis["kind"];
  /** The field of the batch that it is of; units are of none. */
  readonly field?: string;
  /** One for each place: tokens, or numbers. */
  readonly labels: readonly string[];
  /** Of places of an image: how they lie. */
  readonly height?: number;
  readonly width?: number;
}

/** One thing that goes on inside, of one example, without padding. */
export interface InsideMaps extends Pick<View, "kind" | "title" | "range" | "group"> {
  readonly name: string;
  readonly layers: number;
  readonly heads: number;
  readonly rows: InsideAxis;
  readonly columns: InsideAxis;
  /** [layers, heads, rows, columns], as the model computed them. */
  readonly values: Float32Array;
}

export interface LookOptions {
  readonly model: Model;
  readonly parameters: DeviceParameters;
  readonly tokenizers: Tokenizers;
  /** The fields that the model reads, of a few examples. */
  readonly batch: HostBatch;
  /** How many tokens of a field count, of each example; where absent, those up to the end or to padding. */
  readonly counts?: Readonly<Record<string, readonly number[]>>;
}

/** Whether there is anything to see inside. */
export function hasInside({ family }: Model): boolean {
  return family.inspect !== undefined && Object.keys(family.views ?? {}).length > 0;
}

/**
 * Everything that a model's views describe, of each example.
 * @throws GalateaError `usage` when there is nothing to see.
 */
export async function lookInside(options: LookOptions): Promise<readonly (readonly InsideMaps[])[]> {
  const { model, parameters, batch } = options;
  const { views = {}, name } = model.family;
  if (!model.inspect || !hasInside(model)) {
    throw new GalateaError("usage", name, "shows nothing of its inside", "name a run of attention or LSTMs");
  }
  const results = await model.inspect(parameters, batch);
  const [count] = Object.values(batch)[0].shape;
  return Array.from({ length: count }, (_, example) =>
    Object.entries(views).flatMap(([key, view]) =>
      results[key] ? [mapsOf(key, view, results[key], { ...options, results, example })] : [],
    ),
  );
}

interface Looking extends LookOptions {
  readonly results: Results;
  readonly example: number;
}

function mapsOf(name: string, view: View, { shape, data }: HostTensor, looking: Looking): InsideMaps {
  const [height, width] = shape.slice(-2);
  const maps = shape.length === 4 ? shape[1] : 1;
  const [all, alongside] = [axisOf(view.rows, height, looking), axisOf(view.columns, width, looking)];
  const [shownRows, shownColumns] = [all, alongside].map(shownOf);
  const size = maps * height * width;
  const own = data.subarray(looking.example * size, (looking.example + 1) * size) as Float32Array;
  const values = Float32Array.from(
    Array.from({ length: maps }, (_, map) =>
      shownRows.flatMap((row) => shownColumns.map((column) => own[(map * height + row) * width + column])),
    ).flat(),
  );
  const labelled = (axis: InsideAxis, shown: readonly number[]): InsideAxis => {
    return { ...axis, labels: shown.map((place) => axis.labels[place]) };
  };
  const [rows, columns] = [labelled(all, shownRows), labelled(alongside, shownColumns)];
  const { kind, title, range, group, heads = 1 } = view;
  const known = { kind, title, ...(range && { range }), ...(group !== undefined && { group }) };
  return { name, ...known, layers: maps / heads, heads, rows, columns, values };
}

/** Places along an axis that are no padding: of a story, whose sentences end at the last place, those that say something. */
function shownOf({ kind, labels }: InsideAxis): readonly number[] {
  return labels.flatMap((label, place) => (kind === "sentences" && label === "" ? [] : [place]));
}

/** What stands along an axis; tokens and places of padding at its end are left out. */
function axisOf(axis: ViewAxis, size: number, looking: Looking): InsideAxis {
  const { batch, results, tokenizers, example } = looking;
  const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i + 1}`);
  const { kind } = axis;
  switch (kind) {
    case "units":
      return { kind, labels: numbers(size) };
    case "map": {
      const { field, height, width } = axis;
      const labels = Array.from({ length: size }, (_, i) => `${Math.floor(i / width) + 1}, ${(i % width) + 1}`);
      return { kind, field, labels, height, width };
    }
    case "places": {
      const count = axis.count === undefined ? undefined : (results[axis.count] ?? batch[axis.count]);
      return { kind, field: axis.field, labels: numbers(count ? Number(count.data[example]) : size) };
    }
    case "sentences": {
      const { first, field } = axis;
      const words = sizeOf(batch[first].shape.slice(1));
      const rowOf = (name: string, row: number): string => {
        const start = (name === first ? example : example * (size - 1) + row) * words;
        return sentenceOf(batch[name].data.subarray(start, start + words) as Int32Array, tokenizers[name]);
      };
      const rows = Array.from({ length: size - 1 }, (_, row) => rowOf(field, row));
      return { kind, field, labels: [rowOf(first, 0), ...rows] };
    }
    case "vocabulary": {
      const { field, blank } = axis;
      const text = labeller(tokenizers, field);
      const labels = Array.from({ length: size }, (_, id) => (id === blank ? "blank" : text(id)));
      return { kind, field, labels };
    }
    case "tokens": {
      const { field, offset } = axis;
      const tokens = tokensOf(field, looking);
      const text = labeller(tokenizers, field);
      const begin = tokenizers[field]?.specialTokens.begin;
      const first = begin === undefined ? "" : text(begin);
      const labels = Array.from({ length: Math.min(size, tokens.length) }, (_, i) => {
        const id = tokens[i + offset];
        return i + offset < 0 ? first : id === undefined ? "" : text(id);
      });
      return { kind, field, labels };
    }
  }
}

/** What the tokens of a field are called; the numbers of one that is no text are their names. */
function labeller(tokenizers: Tokenizers, field: string): (id: number) => string {
  const tokenizer = tokenizers[field];
  return tokenizer ? (id) => tokenizer.tokenText(id) : (id) => `${id}`;
}

/** A row of tokens in words; of one that is no text its numbers. */
function sentenceOf(tokens: Int32Array, tokenizer: Tokenizers[string] | undefined): string {
  if (!tokenizer) return tokens.join(" ");
  const { pad, end } = tokenizer.specialTokens;
  return tokenizer.decode(tokens.filter((token) => token !== pad && token !== end));
}

/** The tokens of an example that count. */
function tokensOf(field: string, { batch, tokenizers, counts, example }: Looking): readonly number[] {
  const { shape, data } = batch[field];
  const size = sizeOf(shape.slice(1));
  const all = Array.from((data as HostArray).slice(example * size, (example + 1) * size), Number);
  const told = counts?.[field]?.[example];
  if (told !== undefined) return all.slice(0, told);
  const { end, pad } = tokenizers[field]?.specialTokens ?? {};
  const last = end === undefined ? -1 : all.indexOf(end);
  if (last >= 0) return all.slice(0, last + 1);
  let count = all.length;
  while (count > 1 && pad !== undefined && all[count - 1] === pad) count--;
  return all.slice(0, count);
}
