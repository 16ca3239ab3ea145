/** Sequences of different length in batches: examples of like length go together, and their padding is cut off. */

import { type HostArray, sizeOf } from "../../core/base/index.ts";
import type { Batch, Dataset, FieldType } from "./dataset.ts";

/** What batches are cut to, as shares of the full length: each of them is a program of its own. */
const shares = [1 / 4, 1 / 2, 3 / 4, 1] as const;

/** Of each example the number of the smallest share that holds what it says; no entry where lengths are not known. */
export type LengthClasses = Uint8Array;

/**
 * The length classes of a data set's examples: of several fields the longest one counts.
 * @param sequences fields that may be cut; nothing can be gained where there are none, or one has no lengths
 */
export function lengthClasses(
  { count, fields, lengths = {} }: Pick<Dataset, "count" | "fields" | "lengths">,
  sequences: readonly string[] = [],
): LengthClasses | undefined {
  if (sequences.length === 0 || sequences.some((name) => !lengths[name])) return undefined;
  const classes = new Uint8Array(count);
  for (const name of sequences) {
    const places = shares.map((share) => placesOf(fields[name], share));
    for (let i = 0; i < count; i++) {
      const smallest = places.findIndex((most) => lengths[name][i] <= most);
      classes[i] = Math.max(classes[i], smallest < 0 ? shares.length - 1 : smallest);
    }
  }
  return classes;
}

function placesOf({ shape }: FieldType, share: number): number {
  return Math.ceil(shape[0] * share);
}

/** The share that holds all of these examples. */
export function shareOf(classes: LengthClasses | undefined, indices: Uint32Array): number {
  if (!classes) return 1;
  return shares[indices.reduce((most, index) => Math.max(most, classes[index]), 0)];
}

/** Fields of a batch with the first entries of each example only; the others as they are. */
export function cutBatch(
  batch: Batch,
  fields: Readonly<Record<string, FieldType>>,
  sequences: readonly string[],
  share: number,
): { readonly batch: Batch; readonly fields: Readonly<Record<string, FieldType>> } {
  if (share === 1) return { batch, fields };
  const cut = sequences.map((name) => {
    const { dtype, shape } = fields[name];
    const [places, ...rest] = [placesOf(fields[name], share), ...shape.slice(1)];
    const short = [places, ...rest];
    return { name, type: { dtype, shape: short }, data: cutRows(batch[name], sizeOf(shape), sizeOf(short)) };
  });
  return {
    batch: { ...batch, ...Object.fromEntries(cut.map(({ name, data }) => [name, data])) },
    fields: { ...fields, ...Object.fromEntries(cut.map(({ name, type }) => [name, type])) },
  };
}

/** The first `kept` of each `size` values. */
function cutRows(data: HostArray, size: number, kept: number): HostArray {
  const count = data.length / size;
  const out = data.slice(0, count * kept) as Float32Array;
  for (let i = 0; i < count; i++) out.set((data as Float32Array).subarray(i * size, i * size + kept), i * kept);
  return out;
}
