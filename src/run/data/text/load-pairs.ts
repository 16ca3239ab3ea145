/** Pairs of texts as a data set: what goes in and what should come out, as tokens of equal length. */

import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { GalateaError } from "../../../core/base/index.ts";
import { fileError } from "../../files.ts";
import { type DataSplits, type Dataset, memoryDataset, type Tokenizers } from "../dataset.ts";
import { splitInThree } from "../splits.ts";
import { readAlignedFiles, type TextPair } from "./aligned-files.ts";
import { encodeTexts } from "./encode-texts.ts";
import { characterTokenizer, trainBytePairs, wordTokenizer } from "./make-tokenizers.ts";
import { openTokenizer } from "./open-tokenizer.ts";
import { readTextPairs } from "./text-columns.ts";
import type { Tokenizer } from "./tokenizer.ts";

export const pairTokenizerKinds = ["words", "characters", "pairs"] as const;

/** How pairs become tokens. */
export interface PairReading {
  /** One of {@link pairTokenizerKinds} (`pairs`: byte-level BPE), or a `tokenizer.json` for both sides. */
  readonly tokenizer: string;
  /** Most tokens of `words` and `pairs`. */
  readonly vocabulary: number;
  /** Of `words`: words that are rarer are unknown. */
  readonly minimumFrequency: number;
  readonly lowerCase: boolean;
  /** Whether one vocabulary serves both sides. */
  readonly shared: boolean;
  /** Tokens of a source and of a target at most, their ends included. */
  readonly sourcePlaces: number;
  readonly targetPlaces: number;
  /** What is done with longer ones: an error, or they are cut off. */
  readonly longer: "refuse" | "cut";
  /** Endings of aligned files, such as `en` of `train.en`, or names of columns of a table. */
  readonly source: string;
  readonly target: string;
  /** Those of a trained run, which are used rather than made anew. */
  readonly tokenizers?: Tokenizers;
}

type Split = "train" | "validation" | "test";

/** Where a file belongs by its name. */
const splitPatterns: Readonly<Record<Split, RegExp>> = {
  train: /^train/i,
  validation: /^(valid|val|dev)/i,
  test: /^test/i,
};

const tableEnding = /\.(tsv|csv|jsonl|ndjson)(\.gz)?$/i;

/**
 * Pairs of texts: a table (TSV, CSV, JSONL) with named columns, or a folder with a table or two aligned files for each
 * split, such as `train.en` and `train.de`. Fields `source` int32 [sourcePlaces] and `target` int32 [targetPlaces], both
 * with an end token and padding.
 *
 * Without files named test or validation (val, dev) a tenth of the training pairs each is held out.
 * @throws GalateaError `data` when nothing fits, files are of different length, or a text has more tokens than places.
 */
export async function loadPairs(path: string, reading: PairReading, name = basename(path)): Promise<DataSplits> {
  return pairSplits(name, await findPairs(path, reading), reading);
}

/** The splits of pairs that are at hand. */
export async function pairSplits(name: string, found: FoundPairs, reading: PairReading): Promise<DataSplits> {
  const tokenizers = reading.tokenizers ?? (await makeTokenizers(found.train, reading, name));
  const encode = (split: string, pairs: readonly TextPair[]): Dataset =>
    encodePairs(`${name} ${split}`, pairs, tokenizers, reading);
  const description = `${found.train.length} pairs of ${reading.source} and ${reading.target}`;
  const whole = encode("train", found.train);
  const known = { name, description, tokenizers };
  if (found.validation && found.test) {
    const [validation, test] = [encode("validation", found.validation), encode("test", found.test)];
    return { ...known, train: whole, validation, test, notes: [] };
  }
  const parts = splitInThree(whole);
  const test = found.test ? encode("test", found.test) : parts.test;
  return { ...known, ...parts, ...(found.validation && { validation: encode("validation", found.validation) }), test };
}

export interface FoundPairs {
  readonly train: readonly TextPair[];
  readonly validation?: readonly TextPair[];
  readonly test?: readonly TextPair[];
}

async function findPairs(path: string, reading: PairReading): Promise<FoundPairs> {
  const { source, target } = reading;
  const columns = { source, target };
  let names: readonly string[];
  try {
    if (!(await stat(path)).isDirectory()) return { train: await readTextPairs(path, columns) };
    names = (await readdir(path)).sort();
  } catch (cause) {
    throw cause instanceof GalateaError ? cause : fileError("data", path, "read", cause);
  }
  const ending = (language: string): RegExp => new RegExp(`\\.${language.replace(/[^\w]/g, "\\$&")}(\\.gz)?$`);
  const ofSplit = async (split: Split): Promise<readonly TextPair[] | undefined> => {
    const own = names.filter((name) => splitPatterns[split].test(name));
    const table = own.find((name) => tableEnding.test(name));
    if (table !== undefined) return readTextPairs(join(path, table), columns);
    const first = own.find((name) => ending(source).test(name));
    if (first === undefined) return undefined;
    const stem = first.replace(ending(source), "");
    const second = own.find((name) => ending(target).test(name) && name.replace(ending(target), "") === stem);
    if (second !== undefined) return readAlignedFiles(join(path, first), join(path, second));
    throw new GalateaError("data", join(path, first), `there is no ${stem}.${target} beside it`, "both are needed");
  };
  const [train, validation, test] = [await ofSplit("train"), await ofSplit("validation"), await ofSplit("test")];
  if (train) return { train, ...(validation && { validation }), ...(test && { test }) };
  const table = names.find((name) => tableEnding.test(name));
  if (table !== undefined) return { train: await readTextPairs(join(path, table), columns) };
  const right = `a table with columns ${source} and ${target}, or files train.${source} and train.${target}`;
  throw new GalateaError("data", path, "holds no pairs of texts", right);
}

async function makeTokenizers(pairs: readonly TextPair[], reading: PairReading, name: string): Promise<Tokenizers> {
  const [sources, targets] = [pairs.map(({ source }) => source), pairs.map(({ target }) => target)];
  if (reading.shared || reading.tokenizer.endsWith(".json")) {
    const both = await makeTokenizer([...sources, ...targets], reading);
    requireSpecialTokens(both, name);
    return { source: both, target: both };
  }
  return { source: await makeTokenizer(sources, reading), target: await makeTokenizer(targets, reading) };
}

/**
 * A tokenizer of texts that are answered in or told as a whole, or the one that is named.
 * @throws GalateaError `config` for an unknown kind; `data` for a `tokenizer.json` that cannot be read.
 */
export async function makeTokenizer(
  texts: readonly string[],
  reading: Pick<PairReading, "tokenizer" | "vocabulary" | "minimumFrequency" | "lowerCase">,
): Promise<Tokenizer> {
  const { tokenizer, vocabulary: size, minimumFrequency, lowerCase } = reading;
  const specialTokens = ["pad", "unknown", "begin", "end"] as const;
  switch (tokenizer) {
    case "words":
      return wordTokenizer(texts, { specialTokens, size, minimumFrequency, lowerCase });
    case "characters":
      return characterTokenizer(texts, { specialTokens, lowerCase });
    case "pairs":
      return trainBytePairs(texts, { specialTokens, size, lowerCase });
    default:
      if (tokenizer.endsWith(".json")) return openTokenizer(tokenizer);
      throw new GalateaError("config", "tokenizer", tokenizer, `${pairTokenizerKinds.join(", ")}, or a tokenizer.json`);
  }
}

/** @throws GalateaError `data` when a tokenizer lacks a token that answers need. */
export function requireSpecialTokens({ specialTokens }: Tokenizer, name: string): void {
  const missing = (["pad", "begin", "end"] as const).filter((kind) => specialTokens[kind] === undefined);
  if (missing.length === 0) return;
  const right = "pairs need tokens that begin, end and fill up: take a tokenizer that has them";
  throw new GalateaError("data", name, `the tokenizer has no ${missing.join(", ")} token`, right);
}

function encodePairs(name: string, pairs: readonly TextPair[], tokenizers: Tokenizers, reading: PairReading): Dataset {
  const side = (field: "source" | "target", places: number): Int32Array =>
    encodeTexts(
      name,
      pairs.map((pair) => pair[field]),
      tokenizers[field],
      { places, longer: reading.longer, option: `${field}Places`, nameOf: (i) => `the ${field} of pair ${i + 1}` },
    );
  const { sourcePlaces, targetPlaces } = reading;
  const dataset = memoryDataset(name, pairs.length, {
    source: { dtype: "int32", shape: [sourcePlaces], data: side("source", sourcePlaces) },
    target: { dtype: "int32", shape: [targetPlaces], data: side("target", targetPlaces) },
  });
  const vocabularies = Object.fromEntries(
    Object.entries(tokenizers).map(([field, { size, specialTokens }]) => [field, { size, ...specialTokens }]),
  );
  const texts = { source: pairs.map(({ source }) => source), target: pairs.map(({ target }) => target) };
  return { ...dataset, vocabularies, texts };
}
