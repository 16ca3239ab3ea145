/** What a person may say to a model beside texts and classes, such as the path of a file. */

import type { HostArray } from "../../core/base/index.ts";
import type { FieldType, Tokenizers } from "./dataset.ts";
import { readBeginning } from "./music/index.ts";
import type { Reading } from "./path.ts";
import { readLastWindows, type WindowOrigin } from "./series/index.ts";

/** Reads what a person says as fields of one example, or of several one after another. */
export interface Teller {
  /** What it is, for people: `a WAV file`. */
  readonly what: string;
  /** @throws GalateaError `data` when it cannot be read as that. */
  read(text: string): Promise<Readonly<Record<string, HostArray>>>;
  /** Of time series: what the numbers mean, of each example that the text names. */
  origins?(text: string): Promise<readonly WindowOrigin[]>;
}

/** By the name that a person says it by, such as `audio`. */
export type Tellers = Readonly<Record<string, Teller>>;

/** What is known of the data that a model was trained on. */
export interface TellingContext {
  readonly fields: Readonly<Record<string, FieldType>>;
  readonly tokenizers: Tokenizers;
}

/** For each way of reading data what a person can say to its models. */
const tellersByReading: {
  readonly [Kind in keyof Reading]?: (reading: NonNullable<Reading[Kind]>, context: TellingContext) => Tellers;
} = {
  series: (reading) => ({
    series: {
      what: "the path of a CSV file",
      read: async (path) => ({ past: (await readLastWindows(path, reading)).past }),
      origins: async (path) => (await readLastWindows(path, reading)).origins,
    },
  }),
  music: (reading) => ({
    start: {
      what: "the path of a MIDI or ABC file",
      read: async (path) => ({ tokens: await readBeginning(path, reading) }),
    },
  }),
};

/** What a person can say to a model whose data was read in this way. */
export function tellersOf(reading: Reading, context: TellingContext): Tellers {
  const kinds = Object.keys(reading) as (keyof Reading)[];
  const found = kinds.map((kind) => (tellersByReading[kind] as MakeTellers | undefined)?.(reading[kind], context));
  return Object.assign({}, ...found);
}

type MakeTellers = (reading: unknown, context: TellingContext) => Tellers;
