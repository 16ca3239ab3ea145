/** Stories with questions and their answers as a data set: sentences and words as tokens. */

import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GalateaError, type HostArray } from "../../../core/base/index.ts";
import { fileError } from "../../files.ts";
import { type DataSplits, type Dataset, memoryDataset, type Tokenizers } from "../dataset.ts";
import { archiveEnding } from "../found-files.ts";
import { splitInThree } from "../splits.ts";
import { readBabi, type StoryQuestion } from "./babi.ts";
import { alternatives, splitPatterns, tableEnding } from "./find-pairs.ts";
import { wordTokenizer } from "./make-tokenizers.ts";
import { splitSentences } from "./sentences.ts";
import { readTextColumns } from "./text-columns.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** How stories become tokens. */
export interface StoryReading {
  /** Most words that are learned; words that are rarer than `minimumFrequency` are unknown. */
  readonly vocabulary: number;
  readonly minimumFrequency: number;
  readonly lowerCase: boolean;
  /** Sentences of a story at most, words of a sentence (and of a question), and words of an answer with its end. */
  readonly sentences: number;
  readonly words: number;
  readonly answerWords: number;
  /** What is done with longer ones: an error, or the first sentences and the last words are left out. */
  readonly longer: "refuse" | "cut";
  /** Names of columns, of several with commas between the first that there is. */
  readonly story: string;
  readonly question: string;
  readonly answer: string;
  /** Those of a trained run, which are used rather than made anew. */
  readonly tokenizers?: Tokenizers;
}

/** A story with a question; `task` is 0 where there are no tasks. */
export type ToldQuestion = Pick<StoryQuestion, "task" | "story" | "question" | "answer">;

export interface FoundStories {
  readonly train: readonly ToldQuestion[];
  readonly validation?: readonly ToldQuestion[];
  readonly test?: readonly ToldQuestion[];
}

/** Of each task so much is held out where nothing else is there to validate on. */
const heldOut = 0.1;

/**
 * Stories: bAbI's tasks (a file, a folder or an archive), or a table with columns of story, question and answer (or a
 * folder with one for each split). Fields `story` int32 [sentences, words], the last sentence in the last row, `question`
 * int32 [words], `target` int32 [answerWords] with an end; of tasks also `label`, named `qa1` and so on.
 *
 * @throws GalateaError `data` when nothing fits, or something is longer than it may be.
 */
export async function loadStories(path: string, reading: StoryReading, name = basename(path)): Promise<DataSplits> {
  return storySplits(name, await findStories(path, reading), reading);
}

async function findStories(path: string, reading: StoryReading): Promise<FoundStories> {
  let names: readonly string[] | undefined;
  try {
    names = (await stat(path)).isDirectory() ? (await readdir(path)).sort() : undefined;
  } catch (cause) {
    throw fileError("data", path, "read", cause);
  }
  const table = (file: string): Promise<readonly ToldQuestion[]> => readTable(file, reading);
  if (names === undefined) {
    if (tableEnding.test(path)) return { train: await table(path) };
    return ofBabi([...(await readBabi(path)), ...(await testBeside(path))]);
  }
  const tables = names.filter((name) => tableEnding.test(name));
  const ofSplit = async (split: keyof FoundStories): Promise<readonly ToldQuestion[] | undefined> => {
    const own = tables.find((name) => splitPatterns[split].test(name));
    return own === undefined ? undefined : table(join(path, own));
  };
  if (tables.length > 0) {
    const train = (await ofSplit("train")) ?? (await table(join(path, tables[0])));
    const [validation, test] = [await ofSplit("validation"), await ofSplit("test")];
    return { train, ...(validation && { validation }), ...(test && { test }) };
  }
  const archives = names.filter((name) => archiveEnding.test(name));
  if (archives.length > 1) {
    throw new GalateaError("data", path, `it holds several archives: ${archives.join(", ")}`, "name one of them");
  }
  return ofBabi(await readBabi(path));
}

async function readTable(path: string, reading: StoryReading): Promise<readonly ToldQuestion[]> {
  const columns = { story: reading.story, question: reading.question, answer: reading.answer };
  const wanted = Object.entries(columns).map(([name, names]) => [name, alternatives(names)]);
  const rows = await readTextColumns(path, Object.fromEntries(wanted) as Record<keyof typeof columns, string[]>);
  return rows.map(({ story, question, answer }) => ({ task: 0, story: splitSentences(story), question, answer }));
}

/** The questions to test on of a task whose file to train on was named. */
async function testBeside(path: string): Promise<readonly StoryQuestion[]> {
  const other = join(dirname(path), basename(path).replace(/train(?=\.txt(\.gz)?$)/, "test"));
  if (other === path || archiveEnding.test(path)) return [];
  const found = await stat(other).catch(() => undefined);
  return found?.isFile() ? readBabi(other) : [];
}

function ofBabi(all: readonly StoryQuestion[]): FoundStories {
  // Answers that are lists have commas, which are no words of the answer.
  const told = all.map((one) => ({ ...one, answer: one.answer.replaceAll(",", " ") }));
  const of = (split: string): readonly StoryQuestion[] => told.filter((one) => one.split === split);
  const [train, validation, test] = [of("train"), of("valid"), of("test")];
  if (train.length === 0) return { train: told };
  if (validation.length > 0) return { train, validation, ...(test.length > 0 && { test }) };
  // They stand one task after another: the last tenth of all would be the last tasks.
  const tasks = [...new Set(train.map(({ task }) => task))];
  const parts = tasks.map((task) => {
    const own = train.filter((one) => one.task === task);
    const cut = own.length - Math.ceil(heldOut * own.length);
    return { train: own.slice(0, cut), validation: own.slice(cut) };
  });
  return {
    train: parts.flatMap((part) => part.train),
    validation: parts.flatMap((part) => part.validation),
    ...(test.length > 0 && { test }),
  };
}

/** The splits of stories that are at hand. */
export function storySplits(name: string, found: FoundStories, reading: StoryReading): DataSplits {
  const tokenizers = reading.tokenizers ?? makeTokenizers(found.train, reading);
  const notes: string[] = [];
  const encode = (split: string, questions: readonly ToldQuestion[]): Dataset => {
    const { dataset, cut } = encodeStories(`${name} ${split}`, questions, tokenizers, reading);
    if (cut > 0)
      notes.push(`${dataset.name}: ${cut} of ${questions.length} were cut: see sentences, words, answerWords`);
    return dataset;
  };
  const train = encode("train", found.train);
  const description = `${found.train.length} questions about stories`;
  const given = {
    ...(found.validation && { validation: encode("validation", found.validation) }),
    ...(found.test && { test: encode("test", found.test) }),
  };
  const parts = given.validation && given.test ? { train, ...given, notes: [] } : { ...splitInThree(train), ...given };
  return { ...(parts as DataSplits), name, description, tokenizers, notes: [...notes, ...parts.notes] };
}

function makeTokenizers(questions: readonly ToldQuestion[], reading: StoryReading): Tokenizers {
  const { vocabulary: size, minimumFrequency, lowerCase } = reading;
  const texts = questions.flatMap(({ story, question, answer }) => [...story, question, answer]);
  const specialTokens = ["pad", "unknown", "begin", "end"] as const;
  const all = wordTokenizer(texts, { specialTokens, size, minimumFrequency, lowerCase });
  return { story: all, question: all, target: all };
}

/** How a story, or a question, becomes the numbers of its field; what was left out is counted. */
export interface StoryEncoding {
  readonly tokens: Int32Array;
  readonly isCut: boolean;
}

type Sizes = Pick<StoryReading, "sentences" | "words" | "longer">;

/** @throws GalateaError `data` when it is longer than it may be. */
export function encodeStory(
  story: readonly string[],
  tokenizer: Tokenizer,
  { sentences, words, longer }: Sizes,
  where: string,
): StoryEncoding {
  const tokens = new Int32Array(sentences * words).fill(tokenizer.specialTokens.pad ?? 0);
  if (story.length > sentences && longer === "refuse") {
    const right = `at most ${sentences} are read: set sentences, or longer=cut`;
    throw new GalateaError("data", where, `the story has ${story.length} sentences`, right);
  }
  const last = story.slice(-sentences);
  let isCut = last.length < story.length;
  last.forEach((sentence, i) => {
    const line = encodeLine(sentence, tokenizer, { words, longer }, where);
    isCut ||= line.isCut;
    tokens.set(line.tokens, (sentences - last.length + i) * words);
  });
  return { tokens, isCut };
}

/** A tokenizer that turns each text into tokens once: a story is told again for each question about it. */
function rememberingTokenizer(tokenizer: Tokenizer): Tokenizer {
  const known = new Map<string, number[]>();
  const encode = (text: string): number[] => {
    const found = known.get(text) ?? tokenizer.encode(text);
    known.set(text, found);
    return found;
  };
  return { ...tokenizer, encode };
}

/** One sentence or question. */
export function encodeLine(
  text: string,
  tokenizer: Tokenizer,
  { words, longer }: Pick<StoryReading, "words" | "longer">,
  where: string,
): StoryEncoding {
  const found = tokenizer.encode(text);
  if (found.length > words && longer === "refuse") {
    const seen = `${JSON.stringify(text.slice(0, 60))} has ${found.length} words`;
    throw new GalateaError("data", where, seen, `at most ${words} are read: set words, or longer=cut`);
  }
  const tokens = new Int32Array(words).fill(tokenizer.specialTokens.pad ?? 0);
  tokens.set(found.slice(0, words));
  return { tokens, isCut: found.length > words };
}

function encodeStories(
  name: string,
  questions: readonly ToldQuestion[],
  tokenizers: Tokenizers,
  reading: StoryReading,
): { readonly dataset: Dataset; readonly cut: number } {
  const { sentences, words, answerWords, lowerCase } = reading;
  const count = questions.length;
  const data = {
    story: new Int32Array(count * sentences * words),
    question: new Int32Array(count * words),
    target: new Int32Array(count * answerWords).fill(tokenizers.target.specialTokens.pad ?? 0),
  };
  let cut = 0;
  const remembering = rememberingTokenizer(tokenizers.story);
  questions.forEach(({ story, question, answer }, i) => {
    const where = `${name}, question ${i + 1}`;
    const told = encodeStory(story, remembering, reading, where);
    const asked = encodeLine(question, tokenizers.question, reading, where);
    const right = encodeLine(answer, tokenizers.target, { ...reading, words: answerWords - 1 }, where);
    data.story.set(told.tokens, i * sentences * words);
    data.question.set(asked.tokens, i * words);
    data.target.set(right.tokens, i * answerWords);
    const { pad = 0, end = 0 } = tokenizers.target.specialTokens;
    const length = right.tokens.indexOf(pad);
    data.target[i * answerWords + (length < 0 ? answerWords - 1 : length)] = end;
    if (told.isCut || asked.isCut || right.isCut) cut++;
  });
  const field = (values: HostArray, shape: readonly number[]) => ({ dtype: "int32", shape, data: values }) as const;
  const tasks = [...new Set(questions.map(({ task }) => task))];
  const isNamed = tasks.every((task) => task > 0);
  const most = Math.max(...tasks);
  const dataset = memoryDataset(
    name,
    count,
    {
      story: field(data.story, [sentences, words]),
      question: field(data.question, [words]),
      target: field(data.target, [answerWords]),
      ...(isNamed && {
        label: field(
          Int32Array.from(questions, ({ task }) => task - 1),
          [],
        ),
      }),
    },
    isNamed ? Array.from({ length: most }, (_, i) => `qa${i + 1}`) : undefined,
  );
  const vocabularies = Object.fromEntries(
    Object.entries(tokenizers).map(([key, { size, specialTokens }]) => [key, { size, ...specialTokens }]),
  );
  const texts = {
    story: questions.map(({ story }) => story.join(" ")),
    question: questions.map(({ question }) => question),
    target: questions.map(({ answer }) => (lowerCase ? answer.toLowerCase() : answer)),
  };
  return { dataset: { ...dataset, vocabularies, texts }, cut };
}
