/** Questions that words of a text answer, as a data set: text and question as tokens, and where the answer stands. */

import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { GalateaError, hashName } from "../../../core/base/index.ts";
import { fileError } from "../../files.ts";
import { type DataSplits, type Dataset, memoryDataset, type Tokenizers } from "../dataset.ts";
import { alternatives, splitPatterns, tableEnding } from "./find-pairs.ts";
import { wordTokenizer } from "./make-tokenizers.ts";
import { type Piece, splitPieces } from "./sentences.ts";
import { readSquad, type SpanQuestion } from "./squad.ts";
import { readTextColumns } from "./text-columns.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** How texts and questions become tokens. */
export interface PassageReading {
  /** Most words that are learned; words that are rarer than `minimumFrequency` are unknown. */
  readonly vocabulary: number;
  readonly minimumFrequency: number;
  readonly lowerCase: boolean;
  /** Words of a text and of a question at most. */
  readonly contextWords: number;
  readonly questionWords: number;
  /** What is done with longer ones: an error, or their ends are left out. */
  readonly longer: "refuse" | "cut";
  /** Names of columns, of several with commas between the first that there is. */
  readonly context: string;
  readonly question: string;
  readonly answer: string;
  /** Those of a trained run, which are used rather than made anew. */
  readonly tokenizers?: Tokenizers;
}

/** Numbers that unknown words share, above those of the vocabulary: two such words are hardly ever taken for one. */
export const unknownNumbers = 1000;

export interface FoundPassages {
  readonly train: readonly SpanQuestion[];
  readonly validation?: readonly SpanQuestion[];
  readonly test?: readonly SpanQuestion[];
}

const squadEnding = /\.json(\.gz)?$/i;

/**
 * Questions with answers in a text: SQuAD's JSON, or a table with columns of text, question and answer, or a folder with one
 * of these for each split. Fields `context` int32 [contextWords], `question` int32 [questionWords] and `span` int32 [2], the
 * first and the last word of the answer, -1 where it is in no part that is read. What is held out are whole articles.
 *
 * @throws GalateaError `data` when nothing fits, an answer does not stand in its text, or something is too long.
 */
export async function loadPassages(path: string, reading: PassageReading, name = basename(path)): Promise<DataSplits> {
  return passageSplits(name, await findPassages(path, reading), reading);
}

async function findPassages(path: string, reading: PassageReading): Promise<FoundPassages> {
  const read = (file: string): Promise<readonly SpanQuestion[]> =>
    squadEnding.test(file) ? readSquad(file) : readTable(file, reading);
  let names: readonly string[];
  try {
    if (!(await stat(path)).isDirectory()) return { train: await read(path) };
    names = (await readdir(path)).sort();
  } catch (cause) {
    throw cause instanceof GalateaError ? cause : fileError("data", path, "read", cause);
  }
  const files = names.filter((name) => squadEnding.test(name) || tableEnding.test(name));
  const ofSplit = (split: keyof FoundPassages): string | undefined =>
    files.find((name) => splitPatterns[split].test(name));
  const [train, validation, test] = [ofSplit("train"), ofSplit("validation"), ofSplit("test")];
  // A folder of one file, whatever it was made for, is divided.
  const whole = train ?? validation ?? test ?? files[0];
  if (whole === undefined) {
    throw new GalateaError(
      "data",
      path,
      "holds no questions about texts",
      "SQuAD's JSON, or a table (csv, tsv, jsonl)",
    );
  }
  if (train === undefined) return { train: await read(join(path, whole)) };
  return {
    train: await read(join(path, train)),
    ...(validation !== undefined && { validation: await read(join(path, validation)) }),
    ...(test !== undefined && { test: await read(join(path, test)) }),
  };
}

async function readTable(path: string, reading: PassageReading): Promise<readonly SpanQuestion[]> {
  const columns = { context: reading.context, question: reading.question, answer: reading.answer };
  const wanted = Object.entries(columns).map(([name, names]) => [name, alternatives(names)]);
  const rows = await readTextColumns(path, Object.fromEntries(wanted) as Record<keyof typeof columns, string[]>);
  return rows.map(({ context, question, answer }, i) => {
    const start = context.indexOf(answer);
    if (start >= 0) return { id: `${i}`, title: context, context, question, answers: [{ text: answer, start }] };
    const seen = `the answer ${JSON.stringify(answer.slice(0, 60))} of row ${i + 1} is not in its text`;
    throw new GalateaError("data", path, seen, "answers are words of the text, letter by letter");
  });
}

/** The splits of questions that are at hand. */
export function passageSplits(name: string, found: FoundPassages, reading: PassageReading): DataSplits {
  const notes: string[] = [];
  const answered = (split: string, all: readonly SpanQuestion[]): readonly SpanQuestion[] => {
    const kept = all.filter(({ answers }) => answers.length > 0);
    if (kept.length < all.length) notes.push(`${name} ${split}: ${all.length - kept.length} questions have no answer`);
    if (kept.length > 0) return kept;
    throw new GalateaError("data", `${name} ${split}`, "no question has an answer", "answers that stand in the texts");
  };
  const parts = divide(answered("train", found.train), found);
  const tokenizers = reading.tokenizers ?? makeTokenizers(parts.train, reading);
  const encode = (split: "train" | "validation" | "test"): Dataset => {
    const questions = split === "train" ? parts.train : answered(split, parts[split]);
    const { dataset, cut, lost } = encodePassages(`${name} ${split}`, questions, tokenizers, reading, split !== "test");
    if (cut > 0) notes.push(`${dataset.name}: ${cut} texts or questions were cut: see contextWords, questionWords`);
    const what = split === "test" ? "count as wrong" : "are left out";
    if (lost > 0) notes.push(`${dataset.name}: ${lost} questions whose answer was cut off ${what}`);
    return dataset;
  };
  const description = `${found.train.length} questions about texts, answered in their words`;
  const [train, validation, test] = [encode("train"), encode("validation"), encode("test")];
  return { name, description, tokenizers, train, validation, test, notes };
}

/** Articles to validate and to test on, a tenth each (at least one), where there are no others. */
function divide(all: readonly SpanQuestion[], { validation, test }: FoundPassages): Required<FoundPassages> {
  if (validation && test) return { train: all, validation, test };
  const titles = [...new Set(all.map(({ title }) => title))];
  if (titles.length < 3) return { train: all, validation: validation ?? all, test: test ?? all };
  const tenth = Math.max(1, Math.floor(titles.length / 10));
  const at = new Map(titles.map((title, i) => [title, Math.floor((titles.length - 1 - i) / tenth)]));
  // From the end: 0 are those to test on, 1 those to validate on.
  const of = (part: number): readonly SpanQuestion[] => all.filter(({ title }) => at.get(title) === part);
  const given = [...(test ? [] : [0]), ...(validation ? [] : [1])];
  const train = all.filter(({ title }) => !given.includes(at.get(title) ?? 2));
  return { train, validation: validation ?? of(1), test: test ?? of(0) };
}

function makeTokenizers(questions: readonly SpanQuestion[], reading: PassageReading): Tokenizers {
  const { vocabulary: size, minimumFrequency, lowerCase } = reading;
  // A text counts once, however many questions are about it.
  const texts = new Set(questions.flatMap(({ context, question }) => [context, question]));
  const specialTokens = ["pad", "unknown"] as const;
  const all = wordTokenizer(texts, { specialTokens, size, minimumFrequency, lowerCase });
  return { context: all, question: all };
}

/** How many numbers a tokenizer's words have, those of unknown ones included. */
export function passageNumbers({ size }: Tokenizer): number {
  return size + unknownNumbers;
}

/** Turns pieces into numbers, unknown ones into those that they share. */
export function pieceNumbers(tokenizer: Tokenizer): (pieces: readonly Piece[]) => readonly number[] {
  const known = new Map<string, number>();
  const { unknown } = tokenizer.specialTokens;
  const numberOf = (text: string): number => {
    // The first of what a piece may become: by the tokenizer of words a piece is one word.
    const [id = unknown ?? 0] = tokenizer.encode(text);
    if (id !== unknown) return id;
    return tokenizer.size + (hashName(text.toLowerCase()) % unknownNumbers);
  };
  return (pieces) =>
    pieces.map(({ text }) => {
      const id = known.get(text) ?? numberOf(text);
      known.set(text, id);
      return id;
    });
}

/**
 * Numbers of a text or a question, filled up.
 * @throws GalateaError `data` when it is longer than it may be.
 */
export function encodePieces(
  numbers: readonly number[],
  { places, longer, pad }: { readonly places: number; readonly longer: "refuse" | "cut"; readonly pad: number },
  where: string,
  option: string,
): Int32Array {
  if (numbers.length > places && longer === "refuse") {
    const right = `at most ${places} are read: set ${option}, or longer=cut`;
    throw new GalateaError("data", where, `it has ${numbers.length} words`, right);
  }
  const row = new Int32Array(places).fill(pad);
  row.set(numbers.slice(0, places));
  return row;
}

function encodePassages(
  name: string,
  all: readonly SpanQuestion[],
  tokenizers: Tokenizers,
  { contextWords, questionWords, longer }: PassageReading,
  dropsLost: boolean,
): { readonly dataset: Dataset; readonly cut: number; readonly lost: number } {
  const [ofContext, ofQuestion] = [pieceNumbers(tokenizers.context), pieceNumbers(tokenizers.question)];
  const pad = tokenizers.context.specialTokens.pad ?? 0;
  const piecesOf = new Map<string, readonly Piece[]>();
  let cut = 0;
  const rows = all.map(({ context, question, answers, id }) => {
    const pieces = piecesOf.get(context) ?? splitPieces(context);
    piecesOf.set(context, pieces);
    const asked = splitPieces(question);
    if (pieces.length > contextWords || asked.length > questionWords) cut++;
    const where = `${name}, question ${id}`;
    const spans = answers.map(({ text, start }) => spanOf(pieces, start, start + text.length));
    return {
      context: encodePieces(ofContext(pieces), { places: contextWords, longer, pad }, where, "contextWords"),
      question: encodePieces(ofQuestion(asked), { places: questionWords, longer, pad }, where, "questionWords"),
      span: spans.find(([first, last]) => first >= 0 && last < contextWords) ?? ([-1, -1] as const),
      texts: { context, question, span: [...new Set(answers.map(({ text }) => text))] },
    };
  });
  const lost = rows.filter(({ span }) => span[0] < 0).length;
  const kept = dropsLost ? rows.filter(({ span }) => span[0] >= 0) : rows;
  if (kept.length === 0) {
    throw new GalateaError("data", name, "no answer is within the words that are read", "set contextWords higher");
  }
  const field = (key: "context" | "question" | "span", places: number) => {
    const data = new Int32Array(kept.length * places);
    kept.forEach((row, i) => {
      data.set(row[key], i * places);
    });
    return { dtype: "int32", shape: [places], data } as const;
  };
  const dataset = memoryDataset(name, kept.length, {
    context: field("context", contextWords),
    question: field("question", questionWords),
    span: field("span", 2),
  });
  const vocabularies = Object.fromEntries(
    Object.entries(tokenizers).map(([key, one]) => [key, { ...one.specialTokens, size: passageNumbers(one) }]),
  );
  const textsOf = <K extends keyof (typeof kept)[number]["texts"]>(key: K) => kept.map(({ texts }) => texts[key]);
  const texts = { context: textsOf("context"), question: textsOf("question"), span: textsOf("span") };
  return { dataset: { ...dataset, vocabularies, texts }, cut, lost };
}

/** The pieces that a part of the text touches; -1 where it touches none. */
function spanOf(pieces: readonly Piece[], start: number, end: number): readonly [number, number] {
  const first = pieces.findIndex((piece) => piece.end > start);
  const last = pieces.findLastIndex((piece) => piece.start < end);
  return first >= 0 && last >= first ? [first, last] : [-1, -1];
}
