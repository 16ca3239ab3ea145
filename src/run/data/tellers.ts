/** What a person may say to a model beside texts and classes, such as the path of a file. */

import { stat } from "node:fs/promises";
import { GalateaError, type HostArray } from "../../core/base/index.ts";
import type { FieldType, Tokenizers } from "./dataset.ts";
import { readNamedImages } from "./named-images.ts";
import type { Reading } from "./path.ts";
import { readLastWindows, type WindowOrigin } from "./series/index.ts";
import { encodePieces, pieceNumbers } from "./text/load-passages.ts";
import { encodeLine, encodeStory } from "./text/load-stories.ts";
import { splitPieces, splitSentences } from "./text/sentences.ts";

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
  stories: (reading, { tokenizers: { story, question } }) => ({
    story: {
      what: "what happened, in sentences",
      read: async (text) => {
        const sentences = splitSentences(told("story", text));
        requireLength("story", sentences.length, "sentences", reading.sentences);
        for (const sentence of sentences) {
          requireLength("story", story.encode(sentence).length, "words in a sentence", reading.words);
        }
        return { story: encodeStory(sentences, story, reading, "story").tokens };
      },
    },
    question: {
      what: "a question about it",
      read: async (text) => {
        requireLength("question", question.encode(told("question", text)).length, "words", reading.words);
        return { question: encodeLine(text, question, reading, "question").tokens };
      },
    },
  }),
  passages: ({ contextWords, questionWords, longer }, { tokenizers }) => {
    const teller = (name: "context" | "question", places: number, what: string): Teller => ({
      what,
      read: async (text) => {
        const pad = tokenizers[name].specialTokens.pad ?? 0;
        const numbers = pieceNumbers(tokenizers[name])(splitPieces(told(name, text)));
        requireLength(name, numbers.length, "words", places);
        return { [name]: encodePieces(numbers, { places, longer, pad }, name, `${name}Words`) };
      },
    });
    return {
      context: teller("context", contextWords, "a text"),
      question: teller("question", questionWords, "a question about it"),
    };
  },
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

/** @throws GalateaError `usage` when nothing is said. */
function told(name: string, text: string): string {
  if (text.trim() !== "") return text;
  throw new GalateaError("usage", `--condition ${name}`, "got an empty text", "give some text");
}

/** What a person says is never cut: nobody would tell them. */
function requireLength(name: string, count: number, what: string, most: number): void {
  if (count <= most) return;
  const right = `the model reads ${most} at most: give a shorter text`;
  throw new GalateaError("usage", `--condition ${name}`, `got ${count} ${what}`, right);
}

/** What a person can say to a model whose data was read in this way. */
export function tellersOf(reading: Reading, context: TellingContext): Tellers {
  const kinds = Object.keys(reading) as (keyof Reading)[];
  const found = kinds.map((kind) => (tellersByReading[kind] as MakeTellers | undefined)?.(reading[kind], context));
  return Object.assign({}, ...found);
}

type MakeTellers = (reading: unknown, context: TellingContext) => Tellers;
