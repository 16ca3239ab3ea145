/** Speech as a data set: recordings become features, transcripts tokens. */

import { basename } from "node:path";
import { foldKey, GalateaError, hashName, keyFromSeed } from "../../../core/base/index.ts";
import { checkIndices, type DataSplits, type Dataset, type Tokenizers } from "../dataset.ts";
import { characterTokenizer, wordTokenizer } from "../text/make-tokenizers.ts";
import { openTokenizer } from "../text/open-tokenizer.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { divideRecordings } from "./divide-recordings.ts";
import { joinRecordings } from "./join-recordings.ts";
import type { LogMel, Normalization } from "./log-mel.ts";
import { computeLogMels } from "./log-mels.ts";
import { noisyRecordings } from "./noisy-recordings.ts";
import { type Recording, readRecordings } from "./recordings.ts";
import type { SplitName } from "./transcripts.ts";

export const speechTokenizerKinds = ["characters", "words"] as const;

/** What recordings become. */
export interface SoundFeatures {
  /** Samples a second that all recordings are brought to. */
  readonly rate: number;
  readonly mels: number;
  /** Length of a frame, and from the start of one to that of the next, milliseconds. */
  readonly windowMs: number;
  readonly hopMs: number;
  readonly normalize: Normalization;
  /** Frames of a recording at most. */
  readonly frames: number;
}

/** How recordings with transcripts become features and tokens. */
export interface SpeechReading extends SoundFeatures {
  /** One of {@link speechTokenizerKinds}, or a `tokenizer.json` with a token for padding. */
  readonly tokenizer: string;
  readonly lowerCase: boolean;
  /** Tokens of a transcript at most. */
  readonly places: number;
  /** Frames that become one time at which a recognizer can say a token. */
  readonly stride: number;
  /** What is done with a recording of more frames or tokens, or of more tokens than its times can say. */
  readonly longer: "refuse" | "leave-out";
  /** Recordings that are joined into a string, at least and at most; most 0: they stay what they are. */
  readonly joinLeast: number;
  readonly joinMost: number;
  /** Strings that are trained on; of validation and test there are as many as recordings. */
  readonly joinCount: number;
  /** Copies of each training recording with noise that are trained on too. */
  readonly noisy: number;
  /** Those of a trained run, which are used rather than made anew. */
  readonly tokenizers?: Tokenizers;
}

const splitNames = ["train", "validation", "test"] as const;

/**
 * Recordings with transcripts in a folder or a tar archive: `features` float32 [frames, mels], of which the first `frames`
 * int32 [] are there, with mean 0 and deviation 1 over each band or the whole recording; `target` int32 [places], of which the first
 * `length` int32 [] are there, then padding, which is a recognizer's blank.
 *
 * @throws GalateaError `data` when there are no recordings or transcripts, or one is too long and `longer` does not say to
 *   leave it out; `config` for options out of range.
 */
export async function loadSpeech(path: string, reading: SpeechReading, name = basename(path)): Promise<DataSplits> {
  const { recordings, notes } = await readRecordings(path, { rate: reading.rate, needTexts: true });
  return speechSplits(name, recordings, reading, notes);
}

/** The splits of recordings that are at hand, all of the reading's rate. */
export async function speechSplits(
  name: string,
  recordings: readonly Recording[],
  reading: SpeechReading,
  notes: readonly string[] = [],
): Promise<DataSplits> {
  const { lowerCase, joinLeast: least, joinMost: most, joinCount, noisy } = reading;
  const told = recordings.map((one) => ({
    ...one,
    text: lowerCase ? (one.text ?? "").toLowerCase() : (one.text ?? ""),
  }));
  const divided = divideRecordings(told, name);
  const parts = Object.fromEntries(
    splitNames.map((split) => {
      const own = divided[split];
      if (most === 0) return [split, own];
      // Strings are the same for every run, so that all are tested on the same.
      const key = foldKey(keyFromSeed(0), hashName(`strings ${split}`));
      return [split, joinRecordings(own, key, { count: split === "train" ? joinCount : own.length, least, most })];
    }),
  ) as Record<SplitName, readonly Recording[]>;
  const tokenizer = reading.tokenizers?.target ?? (await makeTokenizer(parts.train, reading, name));
  parts.train = [...parts.train, ...noisyRecordings(parts.train, foldKey(keyFromSeed(0), hashName("noise")), noisy)];
  const leftOut: string[] = [];
  const { mels, windowMs: frameMs, hopMs, normalize } = reading;
  const features = await computeLogMels([...parts.train, ...parts.validation, ...parts.test], {
    mels,
    frameMs,
    hopMs,
    normalize,
  });
  let heard = 0;
  const make = (split: SplitName): Dataset => {
    const spoken = parts[split].map((one) => ({
      name: one.name,
      text: one.text ?? "",
      features: features[heard++],
      tokens: Int32Array.from(tokenizer.encode(one.text ?? "")),
    }));
    const kept = spoken.filter((one) => {
      const trouble = misfit(one, reading);
      if (trouble === undefined) return true;
      if (reading.longer === "refuse") throw new GalateaError("data", `${name}, ${one.name}`, ...trouble);
      leftOut.push(one.name);
      return false;
    });
    if (kept.length === 0)
      throw new GalateaError("data", `${name} ${split}`, "every recording is too long", longerHint);
    return utterances(`${name} ${split}`, kept, reading, tokenizer);
  };
  const [train, validation, test] = [make("train"), make("validation"), make("test")];
  const total = splitNames.reduce((sum, split) => sum + parts[split].length, 0);
  const missing = `warning: left out ${leftOut.length} of ${total} recordings that are too long: ${leftOut.slice(0, 5).join(", ")}`;
  const what = most === 0 ? "recordings" : `strings of ${least} to ${most} recordings`;
  return {
    name,
    description: `${total} ${what} with transcripts, ${reading.rate} Hz${noisy > 0 ? ", those with noise among them" : ""}`,
    train,
    validation,
    test,
    tokenizers: { target: tokenizer },
    notes: [...notes, ...divided.notes, ...(leftOut.length > 0 ? [missing] : [])],
  };
}

interface Utterance {
  readonly name: string;
  readonly text: string;
  readonly features: LogMel;
  readonly tokens: Int32Array;
}

const longerHint = "more frames or places, or check the transcripts; longer=leave-out leaves such recordings out";

/** Why a recognizer could not say what is said, and what would help. */
function misfit({ features, tokens }: Utterance, reading: SpeechReading): readonly [string, string] | undefined {
  const { frames, places, stride } = reading;
  const leave = "or longer=leave-out, which leaves such recordings out";
  if (features.frames > frames) {
    return [`it has ${features.frames} frames`, `at most ${frames} are heard: set frames=${features.frames}, ${leave}`];
  }
  if (tokens.length > places) {
    return [`its transcript has ${tokens.length} tokens`, `at most ${places}: set places=${tokens.length}, ${leave}`];
  }
  // Between two equal tokens a recognizer must say the blank.
  const needed = tokens.length + tokens.filter((token, i) => i > 0 && token === tokens[i - 1]).length;
  const times = Math.ceil(features.frames / stride);
  if (needed <= times) return undefined;
  const seen = `its transcript needs ${needed} times (${tokens.length} tokens, and a blank between equal ones), its ${features.frames} frames give ${times}`;
  return [seen, `a shorter hopMs or a smaller stride; check the transcript, ${leave}`];
}

async function makeTokenizer(
  recordings: readonly Recording[],
  { tokenizer: kind }: SpeechReading,
  name: string,
): Promise<Tokenizer> {
  const texts = recordings.map(({ text = "" }) => text);
  // What nobody says in training may be said elsewhere.
  const options = { specialTokens: ["pad", "unknown"] } as const;
  if (kind === "characters") return characterTokenizer(texts, options);
  if (kind === "words") return wordTokenizer(texts, { ...options, split: "whitespace" });
  if (!kind.endsWith(".json")) {
    throw new GalateaError("config", "tokenizer", kind, `${speechTokenizerKinds.join(", ")}, or a tokenizer.json`);
  }
  const opened = await openTokenizer(kind);
  if (opened.specialTokens.pad !== undefined) return opened;
  throw new GalateaError("data", name, "the tokenizer has no token for padding", "one that has: it becomes the blank");
}

/** Utterances of unequal length as examples of equal length, which are filled up when they are gathered. */
function utterances(
  name: string,
  all: readonly Utterance[],
  { frames, mels, places }: SpeechReading,
  { size, specialTokens }: Tokenizer,
): Dataset {
  const { pad = 0 } = specialTokens;
  return {
    name,
    count: all.length,
    fields: {
      features: { dtype: "float32", shape: [frames, mels] },
      frames: { dtype: "int32", shape: [] },
      target: { dtype: "int32", shape: [places] },
      length: { dtype: "int32", shape: [] },
    },
    vocabularies: { target: { size, ...specialTokens } },
    texts: { target: all.map(({ text }) => text) },
    lengths: {
      features: Uint32Array.from(all, (one) => one.features.frames),
      target: Uint32Array.from(all, (one) => one.tokens.length),
    },
    gather: (indices) => {
      checkIndices(name, all.length, indices);
      const chosen = Array.from(indices, (index) => all[index]);
      const features = new Float32Array(chosen.length * frames * mels);
      const target = new Int32Array(chosen.length * places).fill(pad);
      chosen.forEach((one, i) => {
        features.set(one.features.values, i * frames * mels);
        target.set(one.tokens, i * places);
      });
      return {
        features,
        frames: Int32Array.from(chosen, (one) => one.features.frames),
        target,
        length: Int32Array.from(chosen, (one) => one.tokens.length),
      };
    },
  };
}
