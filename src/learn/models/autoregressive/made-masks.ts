/** Orders and connections of MADE: which unit may see which, by numbers called degrees. */

import { foldKey, type Key, permutation } from "../../../core/base/index.ts";
import { type Tensor, tensor } from "../../../core/trace/index.ts";

/** The order in which inputs are told: as they come, or in a random order for each mask. */
export const orderings = ["natural", "random"] as const;

export type Ordering = (typeof orderings)[number];

/** Degrees of one mask, as plain numbers. */
export interface Degrees {
  /** By input, its place in the order: 1 to D. */
  readonly order: readonly number[];
  /** By hidden layer and unit: how many inputs it may see, 1 to D - 1. */
  readonly hidden: readonly (readonly number[])[];
}

/** The same in the graph: int32 [D], and [width] for each layer; with a leading axis for several masks. */
export type DegreeTensors = { readonly order: Tensor; readonly hidden: readonly Tensor[] };

/**
 * Degrees of a number of masks. Each layer has every degree equally often, as far as its width allows; which unit has
 * which is random.
 *
 * Source: Germain et al. (2015), sections 4.1 and 4.2, who draw degrees at random.
 */
export function drawDegrees(
  inputs: number,
  widths: readonly number[],
  { masks, ordering, key }: { readonly masks: number; readonly ordering: Ordering; readonly key: Key },
): readonly Degrees[] {
  const mostSeen = Math.max(1, inputs - 1);
  return Array.from({ length: masks }, (_, mask) => {
    const own = foldKey(key, mask);
    const order = ordering === "natural" ? range(inputs) : Array.from(permutation(foldKey(own, 0), inputs));
    const hidden = widths.map((width, layer) =>
      Array.from(permutation(foldKey(own, layer + 1), width), (i) => 1 + Math.floor((i * mostSeen) / width)),
    );
    return { order: order.map((place) => place + 1), hidden };
  });
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function table(rows: readonly (readonly number[])[]): Tensor {
  return tensor(rows.flat(), [rows.length, rows[0].length], "int32");
}

/** Degrees of all masks, [K, D] and [K, width] for each layer. */
export function degreeTables(all: readonly Degrees[]): DegreeTensors {
  return {
    order: table(all.map(({ order }) => order)),
    hidden: all[0].hidden.map((_, layer) => table(all.map(({ hidden }) => hidden[layer]))),
  };
}

/** Rows of the tables: those of one mask for a scalar, [B, ...] for [B]. */
export function degreesOf({ order, hidden }: DegreeTensors, mask: Tensor): DegreeTensors {
  return { order: order.gather(mask), hidden: hidden.map((layer) => layer.gather(mask)) };
}

/** float32 [outputs, inputs]: 1 where an input's degree is at most the output's, or below it where `strict`. */
export function maskOf(inputs: Tensor, outputs: Tensor, strict = false): Tensor {
  const [row, column] = [inputs.unsqueeze(0), outputs.unsqueeze(1)];
  return (strict ? row.less(column) : row.lessEqual(column)).cast("float32");
}

/** When what is computed, for a sampler that computes each unit once. */
export interface Timetable {
  /** int32 [K, D]: the input that is drawn at each step. */
  readonly drawn: Tensor;
  /** By layer: the units that see as many inputs as have been drawn, */
  readonly units: readonly {
    /** int32 [K, D, most]; units beyond those that there are, are 0, */
    readonly indices: Tensor;
    /** float32 [K, D, most], and 0 here, where the others are 1. */
    readonly present: Tensor;
  }[];
}

/** The steps of a sampler, for all masks. */
export function timetable(all: readonly Degrees[]): Timetable {
  const inputs = all[0].order.length;
  const drawn = all.map(({ order }) => {
    const row = new Array<number>(inputs);
    order.forEach((place, input) => {
      row[place - 1] = input;
    });
    return row;
  });
  const units = all[0].hidden.map((_, layer) => {
    const byStep = all.map(({ hidden }) => {
      const steps = Array.from({ length: inputs }, (): number[] => []);
      // A degree of as many as there are inputs is of a unit that nothing may see.
      hidden[layer].forEach((degree, unit) => {
        steps[degree]?.push(unit);
      });
      return steps;
    });
    const most = Math.max(1, ...byStep.flat().map(({ length }) => length));
    const padded = (fill: (step: readonly number[], i: number) => number): number[] =>
      byStep.flat().flatMap((step) => range(most).map((i) => fill(step, i)));
    const shape = [all.length, inputs, most];
    return {
      indices: tensor(
        padded((step, i) => step[i] ?? 0),
        shape,
        "int32",
      ),
      present: tensor(
        padded((step, i) => Number(i < step.length)),
        shape,
      ),
    };
  });
  return { drawn: table(drawn), units };
}
