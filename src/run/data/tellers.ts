/** What a person may say to a model beside texts and classes, such as the path of a file. */

import type { FieldType, Tokenizers } from "./dataset.ts";
import type { Reading } from "./path.ts";
import { speechTeller, waveTeller } from "./sound/hear-file.ts";
import type { Teller } from "./teller.ts";

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
  speech: (reading) => ({ audio: speechTeller(reading) }),
  waves: (reading) => ({ audio: waveTeller(reading) }),
};

/** What a person can say to a model whose data was read in this way. */
export function tellersOf(reading: Reading, context: TellingContext): Tellers {
  const kinds = Object.keys(reading) as (keyof Reading)[];
  const found = kinds.map((kind) => (tellersByReading[kind] as MakeTellers | undefined)?.(reading[kind], context));
  return Object.assign({}, ...found);
}

type MakeTellers = (reading: unknown, context: TellingContext) => Tellers;
