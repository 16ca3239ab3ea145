/** Text as a data set: files become tokens, and tokens windows of equal length. */

import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { GalateaError } from "../../../core/base/index.ts";
import type { DataSplits, Dataset, Tokenizers } from "../dataset.ts";
import { byteTokenizer, characterTokenizer, trainBytePairs } from "./make-tokenizers.ts";
import { openTokenizer } from "./open-tokenizer.ts";
import { readTexts, type TextRecord } from "./text-files.ts";
import type { Tokenizer } from "./tokenizer.ts";

export const tokenizerKinds = ["characters", "bytes", "pairs"] as const;

/** How text becomes tokens. */
export interface TextReading {
  /** One of {@link tokenizerKinds} (`pairs`: byte-level BPE, learned of the training text), or a `tokenizer.json`. */
  readonly tokenizer: string;
  /** Number of tokens that `pairs` learns. */
  readonly vocabulary: number;
  /** Tokens of a window that are predicted. */
  readonly places: number;
  /** Those of a trained run, which are used rather than made anew. */
  readonly tokenizers?: Tokenizers;
}

/** Parts of text that are trained on, validated and tested. */
interface TextParts {
  readonly train: string;
  readonly validation: string;
  readonly test: string;
}

/** Names of files that are splits of their own, without their ending. */
const splitNames = { train: /^train(ing)?$/i, validation: /^(valid|validation|val|dev)$/i, test: /^test$/i } as const;

/**
 * A text file, or a folder of them, as windows of tokens: field `tokens`, int32 [places + 1].
 *
 * A folder with files named train, validation (or valid, val, dev) and test has these splits; else the last tenth of all text
 * is the test split, the tenth before it validation. Training windows begin at every token, the others follow one another.
 * @throws GalateaError `data` when there is no text, it is no UTF-8, or shorter than a window.
 */
export async function loadText(path: string, reading: TextReading, name = basename(path)): Promise<DataSplits> {
  const records = await readTexts(path);
  const isFolder = (await stat(path)).isDirectory();
  const splits = await textSplits(name, `text of ${basename(path)}`, partsOf(records, isFolder), reading);
  return isFolder ? { ...splits, notes: [...splits.notes, describeFiles(records)] } : splits;
}

/** Files, at most, that are named. */
const shownFiles = 5;

function describeFiles(records: readonly TextRecord[]): string {
  const names = records.slice(0, shownFiles).map(({ name }) => name);
  const more = records.length > shownFiles ? `, and ${records.length - shownFiles} more` : "";
  return `the text of ${records.length} file(s) of the folder: ${names.join(", ")}${more}`;
}

function partsOf(records: readonly TextRecord[], isFolder: boolean): TextParts {
  const found = Object.entries(splitNames).map(([split, pattern]) => {
    const part = isFolder && records.find((record) => pattern.test(basename(record.name).replace(/\..*$/, "")));
    return [split, part ? part.text : undefined] as const;
  });
  const parts = Object.fromEntries(found) as Partial<TextParts>;
  if (parts.train !== undefined && parts.validation !== undefined) {
    return { train: parts.train, validation: parts.validation, test: parts.test ?? parts.validation };
  }
  return divide(records.map(({ text }) => text).join("\n"));
}

/** How far a line may begin from where a part shall, as a share of the text. */
const nearLine = 0.01;

/** All but the last fifth, and its halves, each from the beginning of a line where there is one near. */
export function divide(text: string): TextParts {
  const cut = (share: number): number => {
    const place = Math.floor(share * text.length);
    const line = text.indexOf("\n", place);
    return line >= 0 && line - place < nearLine * text.length ? line + 1 : place;
  };
  const [first, second] = [cut(0.8), cut(0.9)];
  return { train: text.slice(0, first), validation: text.slice(first, second), test: text.slice(second) };
}

/** The splits of a text that is at hand. */
export async function textSplits(
  name: string,
  description: string,
  parts: TextParts,
  reading: TextReading,
): Promise<DataSplits> {
  const tokenizer = reading.tokenizers?.tokens ?? (await makeTokenizer(reading, parts.train, name));
  const tokens = (split: keyof TextParts): Int32Array => {
    const ids = Int32Array.from(tokenizer.encode(parts[split]));
    if (ids.length > reading.places) return ids;
    const seen = `the ${split} text has ${ids.length} tokens, a window ${reading.places + 1}`;
    throw new GalateaError("data", name, seen, "give more text, or set places to a smaller number");
  };
  const dataset = (split: keyof TextParts, stride: number): Dataset => ({
    ...windows(`${name} ${split}`, tokens(split), reading.places, stride),
    vocabularies: { tokens: { size: tokenizer.size, ...tokenizer.specialTokens } },
  });
  return {
    name,
    description,
    train: dataset("train", 1),
    validation: dataset("validation", reading.places),
    test: dataset("test", reading.places),
    tokenizers: { tokens: tokenizer },
    notes: [],
  };
}

async function makeTokenizer({ tokenizer, vocabulary }: TextReading, text: string, name: string): Promise<Tokenizer> {
  if (text === "") throw new GalateaError("data", name, "the text is empty", "give some text to learn from");
  switch (tokenizer) {
    case "characters":
      // What the training text lacks may stand in the others.
      return characterTokenizer([text], { specialTokens: ["unknown"] });
    case "bytes":
      return byteTokenizer();
    case "pairs":
      return trainBytePairs([text], { size: vocabulary });
    default:
      if (tokenizer.endsWith(".json")) return openTokenizer(tokenizer);
      throw new GalateaError(
        "config",
        "tokenizer",
        `got ${tokenizer}`,
        `${tokenizerKinds.join(", ")}, or a tokenizer.json`,
      );
  }
}

/** Windows of tokens, of which each begins `stride` after the one before. */
function windows(name: string, tokens: Int32Array, places: number, stride: number): Dataset {
  const size = places + 1;
  const count = Math.floor((tokens.length - size) / stride) + 1;
  return {
    name,
    count,
    fields: { tokens: { dtype: "int32", shape: [size] } },
    gather: (indices) => {
      const data = new Int32Array(indices.length * size);
      Array.from(indices).forEach((index, i) => {
        const start = index * stride;
        data.set(tokens.subarray(start, start + size), i * size);
      });
      return { tokens: data };
    },
  };
}

/** Where a run keeps the tokenizer of a field. */
export function tokenizerPath(folder: string, field: string): string {
  return join(folder, `${field}.json`);
}
