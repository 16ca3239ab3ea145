/** What a data set is: a number of examples, each a record of typed fields, that can be gathered by index.
 *
 * Images are the field `image`, uint8 [channels, height, width]; labels the field `label`, int32, a scalar
 * that counts into `classes`. Clips are the field `video`, uint8 [frames, channels, height, width]. Points and rows of
 * numbers are the field `vector`, float32 [values]. */

import {
  allocateHost,
  type DType,
  formatShape,
  GalateaError,
  type HostArray,
  type Shape,
  sizeOf,
} from "../../core/base/index.ts";
import type { Modes } from "./densities.ts";
import type { SpecialTokens } from "./text/special-tokens.ts";
import type { Tokenizer } from "./text/tokenizer.ts";

/** The type of one field of one example. */
export interface FieldType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Examples side by side: each field flat, row-major, of shape [B, ...shape of the field]. */
export type Batch = Readonly<Record<string, HostArray>>;

/** What the numbers of a field of tokens mean: how many there are, and which have a special meaning. */
export interface Vocabulary extends SpecialTokens {
  readonly size: number;
  /** What its tokens stand for, where that is no text and there is no tokenizer: levels of a sound. */
  readonly kind?: "levels";
}

/** What an example says; where several texts say the same, all of them. */
export type Wording = string | readonly string[];

export interface Dataset {
  readonly name: string;
  /** Number of examples. */
  readonly count: number;
  readonly fields: Readonly<Record<string, FieldType>>;
  /** What the numbers of the field `label` mean. */
  readonly classes?: readonly string[];
  /** What the numbers of fields of tokens mean, by the fields' names. */
  readonly vocabularies?: Readonly<Record<string, Vocabulary>>;
  /** What stood in fields of tokens before it became tokens, by the fields' names: of each example. */
  readonly texts?: Readonly<Record<string, readonly Wording[]>>;
  /** The separate places that its density is known to have, of generated points. */
  readonly modes?: Modes;
  /** The examples of these indices (0 to count - 1), in this order, repeated where repeated. */
  gather(indices: Uint32Array | readonly number[]): Batch | Promise<Batch>;
}

export type Tokenizers = Readonly<Record<string, Tokenizer>>;

export interface DataSplits {
  readonly name: string;
  /** One line for people. */
  readonly description: string;
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly test: Dataset;
  /** What makes text of the fields of tokens, by the fields' names. */
  readonly tokenizers?: Tokenizers;
  /** Things to tell the user, e.g. skipped images. */
  readonly notes: readonly string[];
}

/** A field with the values of all examples: flat, [count, ...shape]. */
export interface FieldValues extends FieldType {
  readonly data: HostArray;
}

/**
 * A data set in memory, over the given arrays (not copied).
 *
 * @throws GalateaError `data` when a field does not hold `count` examples.
 */
export function memoryDataset(
  name: string,
  count: number,
  values: Readonly<Record<string, FieldValues>>,
  classes?: readonly string[],
): Dataset {
  const entries = Object.entries(values);
  for (const [field, { shape, data }] of entries) {
    if (data.length !== count * sizeOf(shape)) {
      const right = `${count} examples of ${formatShape(shape)} need ${count * sizeOf(shape)}`;
      throw new GalateaError("data", `${name}.${field}`, `${data.length} values`, right);
    }
  }
  const fields = Object.fromEntries(entries.map(([field, { dtype, shape }]) => [field, { dtype, shape }]));
  const gather = (indices: Uint32Array | readonly number[]): Batch => {
    checkIndices(name, count, indices);
    return Object.fromEntries(entries.map(([field, value]) => [field, gatherField(value, indices)]));
  };
  return { name, count, fields, gather, ...(classes && { classes }) };
}

/**
 * The examples of a data set at these indices, as a data set.
 *
 * @throws GalateaError `data` for an index outside the data set.
 */
export function subset(dataset: Dataset, indices: Uint32Array | readonly number[], name = dataset.name): Dataset {
  checkIndices(dataset.name, dataset.count, indices);
  const { fields, classes, modes, vocabularies } = dataset;
  const texts =
    dataset.texts &&
    Object.fromEntries(
      Object.entries(dataset.texts).map(([field, all]) => [field, Array.from(indices, (index) => all[index])]),
    );
  const kept = Uint32Array.from(indices);
  const gather = (wanted: Uint32Array | readonly number[]): Batch | Promise<Batch> => {
    checkIndices(name, kept.length, wanted);
    return dataset.gather(Uint32Array.from(wanted, (index) => kept[index]));
  };
  const known = { ...(classes && { classes }), ...(modes && { modes }), ...(vocabularies && { vocabularies }) };
  return { name, count: kept.length, fields, gather, ...known, ...(texts && { texts }) };
}

/** @throws GalateaError `data` for an index outside the data set. */
export function checkIndices(name: string, count: number, indices: Uint32Array | readonly number[]): void {
  for (const index of indices) {
    if (!(index >= 0 && index < count && Number.isInteger(index))) {
      throw new GalateaError("data", name, `there is no example ${index}`, `examples are 0 to ${count - 1}`);
    }
  }
}

function gatherField({ dtype, shape, data }: FieldValues, indices: Uint32Array | readonly number[]): HostArray {
  const size = sizeOf(shape);
  const out = allocateHost(dtype, indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const rows = data.subarray(indices[i] * size, (indices[i] + 1) * size);
    // Both are of `dtype`, which the union of array types cannot say.
    (out as Uint8Array).set(rows as Uint8Array, i * size);
  }
  return out;
}
