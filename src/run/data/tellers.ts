/** What a person may say to a model beside texts and classes, by the way in which its data is read. */

import { imageTeller } from "./captions/tell-image.ts";
import type { FieldType, Tokenizers } from "./dataset.ts";
import { beginningTeller } from "./music/tell-beginning.ts";
import type { Reading } from "./path.ts";
import { seriesTeller } from "./series/tell-series.ts";
import { speechTeller, waveTeller } from "./sound/hear-file.ts";
import type { Tellers } from "./teller.ts";
import { passageTellers, storyTellers } from "./text/tell-texts.ts";

/** What is known of the data that a model was trained on. */
export interface TellingContext {
  readonly fields: Readonly<Record<string, FieldType>>;
  readonly tokenizers: Tokenizers;
}

const tellersByReading: {
  readonly [Kind in keyof Reading]?: (reading: NonNullable<Reading[Kind]>, context: TellingContext) => Tellers;
} = {
  stories: (reading, { tokenizers }) => storyTellers(reading, tokenizers),
  passages: (reading, { tokenizers }) => passageTellers(reading, tokenizers),
  series: (reading) => ({ series: seriesTeller(reading) }),
  music: (reading) => ({ start: beginningTeller(reading) }),
  captions: (_, { fields }) => ({ image: imageTeller(fields.image.shape) }),
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
