/** What a person may say to a model beside texts and classes, such as the path of a file. */

import { stat } from "node:fs/promises";
import { GalateaError, type HostArray } from "../../core/base/index.ts";
import type { FieldType, Tokenizers } from "./dataset.ts";
import { readNamedImages } from "./named-images.ts";
import type { Reading } from "./path.ts";

/** Reads what a person says as fields of one example. */
export interface Teller {
  /** What it is, for people: `a WAV file`. */
  readonly what: string;
  /** @throws GalateaError `data` when it cannot be read as that. */
  read(text: string): Promise<Readonly<Record<string, HostArray>>>;
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
  captions: (_, { fields }) => ({
    image: {
      what: "an image file",
      read: async (path) => {
        if ((await stat(path).catch(() => undefined))?.isDirectory()) {
          throw new GalateaError("data", path, "is a folder", "name one image");
        }
        return { image: (await readNamedImages(path, fields.image.shape)).data };
      },
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
