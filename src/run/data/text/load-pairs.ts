/** Pairs of texts as a data set: what goes in and what should come out, as tokens of equal length. */

import { basename } from "node:path";
import { GalateaError } from "../../../core/base/index.ts";
import { type DataSplits, type Dataset, memoryDataset, type Tokenizers } from "../dataset.ts";
import { splitInThree } from "../splits.ts";
import type { TextPair } from "./aligned-files.ts";
import { type EncodedTexts, encodeTexts } from "./encode-texts.ts";
import { type FoundPairs, findPairs, type SideNames } from "./find-pairs.ts";
import { characterTokenizer, trainBytePairs, wordTokenizer } from "./make-tokenizers.ts";
import { openTokenizer } from "./open-tokenizer.ts";
import type { Tokenizer } from "./tokenizer.ts";

export const pairTokenizerKinds = ["words", "spaced", "characters", "pairs"] as const;

/** How pairs become tokens. */
export interface PairReading extends SideNames {
  /**
   * One of {@link pairTokenizerKinds} (`spaced`: what stands between spaces; `pairs`: byte-level BPE), or a `tokenizer.json`
   * for both sides.
   */
  readonly tokenizer: string;
  /** That of the target, where it is another. */
  readonly targetTokenizer?: string;
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
  /** Of `pairs`: whether a word is the same token at the beginning of a text as later on; false where absent. */
  readonly leadingSpace?: boolean;
  /** Those of a trained run, which are used rather than made anew. */
  readonly tokenizers?: Tokenizers;
}

/**
 * Pairs of texts: a table (TSV, CSV, JSONL) with named columns, or a folder with a table or two aligned files for each
 * split, such as `train.en` and `train.de`; or a list of SCAN. Fields `source` int32 [sourcePlaces] and `target` int32 [targetPlaces], both
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
  const notes: string[] = [];
  const encode = (split: string, pairs: readonly TextPair[]): Dataset => {
    const { dataset, cut } = encodePairs(`${name} ${split}`, pairs, tokenizers, reading);
    for (const [field, count] of Object.entries(cut)) {
      if (count > 0)
        notes.push(`${dataset.name}: ${count} of ${pairs.length} texts of ${field} were cut: ${field}Places`);
    }
    return dataset;
  };
  const description = `${found.train.length} pairs of ${reading.source} and ${reading.target}`;
  const whole = encode("train", found.train);
  const known = { name, description, tokenizers };
  if (found.validation && found.test) {
    const [validation, test] = [encode("validation", found.validation), encode("test", found.test)];
    return { ...known, train: whole, validation, test, notes };
  }
  const parts = splitInThree(whole);
  const test = found.test ? encode("test", found.test) : parts.test;
  const validation = found.validation ? encode("validation", found.validation) : parts.validation;
  return { ...known, ...parts, validation, test, notes: [...notes, ...parts.notes] };
}

async function makeTokenizers(pairs: readonly TextPair[], reading: PairReading, name: string): Promise<Tokenizers> {
  const [sources, targets] = [pairs.map(({ source }) => source), pairs.map(({ target }) => target)];
  const { targetTokenizer = reading.tokenizer } = reading;
  if (targetTokenizer === reading.tokenizer && (reading.shared || targetTokenizer.endsWith(".json"))) {
    const both = await makeTokenizer([...sources, ...targets], reading);
    requireSpecialTokens(both, name);
    return { source: both, target: both };
  }
  const made = {
    source: await makeTokenizer(sources, reading),
    target: await makeTokenizer(targets, { ...reading, tokenizer: targetTokenizer }),
  };
  for (const tokenizer of Object.values(made)) requireSpecialTokens(tokenizer, name);
  return made;
}

/**
 * A tokenizer of texts that are answered in or told as a whole, or the one that is named.
 * @throws GalateaError `config` for an unknown kind; `data` for a `tokenizer.json` that cannot be read.
 */
export async function makeTokenizer(
  texts: readonly string[],
  reading: Pick<PairReading, "tokenizer" | "vocabulary" | "minimumFrequency" | "lowerCase" | "leadingSpace">,
): Promise<Tokenizer> {
  const { tokenizer, vocabulary: size, minimumFrequency, lowerCase, leadingSpace = false } = reading;
  const specialTokens = ["pad", "unknown", "begin", "end"] as const;
  switch (tokenizer) {
    case "words":
      return wordTokenizer(texts, { specialTokens, size, minimumFrequency, lowerCase });
    case "spaced":
      return wordTokenizer(texts, { specialTokens, size, minimumFrequency, lowerCase, split: "whitespace" });
    case "characters":
      return characterTokenizer(texts, { specialTokens, lowerCase });
    case "pairs":
      return trainBytePairs(texts, { specialTokens, size, lowerCase, leadingSpace });
    default:
      if (tokenizer.endsWith(".json")) return openTokenizer(tokenizer);
      throw new GalateaError(
        "config",
        "tokenizer",
        `got ${tokenizer}`,
        `${pairTokenizerKinds.join(", ")}, or a tokenizer.json`,
      );
  }
}

/** @throws GalateaError `data` when a tokenizer lacks a token that answers need. */
export function requireSpecialTokens({ specialTokens }: Tokenizer, name: string): void {
  const missing = (["pad", "begin", "end"] as const).filter((kind) => specialTokens[kind] === undefined);
  if (missing.length === 0) return;
  const right = "pairs need tokens that begin, end and fill up: take a tokenizer that has them";
  throw new GalateaError("data", name, `the tokenizer has no ${missing.join(", ")} token`, right);
}

function encodePairs(
  name: string,
  pairs: readonly TextPair[],
  tokenizers: Tokenizers,
  reading: PairReading,
): { readonly dataset: Dataset; readonly cut: Readonly<Record<string, number>> } {
  const side = (field: "source" | "target", places: number): EncodedTexts =>
    encodeTexts(
      name,
      pairs.map((pair) => pair[field]),
      tokenizers[field],
      { places, longer: reading.longer, option: `${field}Places`, nameOf: (i) => `the ${field} of pair ${i + 1}` },
    );
  const { sourcePlaces, targetPlaces } = reading;
  const source = side("source", sourcePlaces);
  const target = side("target", targetPlaces);
  const dataset = memoryDataset(name, pairs.length, {
    source: { dtype: "int32", shape: [sourcePlaces], data: source.tokens },
    target: { dtype: "int32", shape: [targetPlaces], data: target.tokens },
  });
  const vocabularies = Object.fromEntries(
    Object.entries(tokenizers).map(([field, { size, specialTokens }]) => [field, { size, ...specialTokens }]),
  );
  const texts = {
    source: pairs.map(({ source }) => source),
    target: pairs.map(({ target, others }) => (others ? [target, ...others] : target)),
  };
  const lengths = { source: source.lengths, target: target.lengths };
  const cut = { source: source.cut, target: target.cut };
  return { dataset: { ...dataset, vocabularies, texts, lengths }, cut };
}
