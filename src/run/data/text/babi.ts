/** Stories with questions, as the 20 bAbI tasks hold them: numbered lines, numbering that restarts with each story, and
 * questions with their answer and the lines that it follows from behind tabs.
 *
 * Source: Weston et al., "Towards AI-complete question answering" (2015). */

import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { GalateaError } from "../../../core/base/index.ts";
import { archiveEnding, findFiles } from "../found-files.ts";
import { isGzip, readUnpacked } from "../idx.ts";
import { decodeUtf8, splitLines } from "./text-files.ts";

export interface StoryQuestion {
  /** 1 to 20; 0 where the file's name does not say it. */
  readonly task: number;
  /** As the file's name says: `train`, `valid` or `test`; empty where it does not. */
  readonly split: string;
  /** What was told before, other questions left out. */
  readonly story: readonly string[];
  readonly question: string;
  /** One word, or several with commas between them. */
  readonly answer: string;
  /** Which sentences of the story the answer follows from, as indices. */
  readonly supporting: readonly number[];
}

const fileName = /^qa(\d+)_.*?(train|valid|test)\.txt(\.gz)?$/;

/**
 * Reads one task's file, or all of a folder or of a .tar or .tar.gz archive, in the order of tasks.
 *
 * @throws GalateaError `data` when there is none, or a line is not as in bAbI; the message names it.
 */
export async function readBabi(path: string): Promise<readonly StoryQuestion[]> {
  const files = await filesOf(path);
  if (files.length === 0) {
    throw new GalateaError("data", path, "it holds no task", "files named as qa1_single-supporting-fact_train.txt");
  }
  const questions = files.flatMap(({ name, text, where }) => {
    const [, task = "0", split = ""] = fileName.exec(name) ?? [];
    return parseStories(text, where).map((question) => ({ task: Number(task), split, ...question }));
  });
  return questions.sort((a, b) => a.task - b.task);
}

interface NamedText {
  readonly name: string;
  readonly text: string;
  /** For errors. */
  readonly where: string;
}

async function filesOf(path: string): Promise<readonly NamedText[]> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isFile && !archiveEnding.test(path)) {
    return [{ name: basename(path), text: decodeUtf8(await readUnpacked(path), path), where: path }];
  }
  const found = await findFiles(path, fileName);
  return Promise.all(
    found.map(async ({ name, where, read }) => {
      const bytes = await read();
      return { name: basename(name), text: decodeUtf8(isGzip(bytes) ? gunzipSync(bytes) : bytes, where), where };
    }),
  );
}

/**
 * The questions of a task's text.
 * @param where Named in errors.
 */
export function parseStories(text: string, where: string): readonly Omit<StoryQuestion, "task" | "split">[] {
  const questions: Omit<StoryQuestion, "task" | "split">[] = [];
  let story: string[] = [];
  /** Where the sentence of each number is in the story. */
  let places = new Map<number, number>();
  let previous = 0;
  for (const [index, line] of splitLines(text).entries()) {
    if (line.trim() === "") continue;
    const fail = (seen: string): GalateaError =>
      new GalateaError(
        "data",
        `${where}:${index + 1}`,
        seen,
        "lines as in bAbI, e.g. `3 Where is John? <tab>hallway<tab>1`",
      );
    const [, digits, content] = /^(\d+) (.*)$/.exec(line) ?? [];
    if (digits === undefined) throw fail(`${JSON.stringify(line.slice(0, 40))} has no number`);
    const number = Number(digits);
    if (number === 1) [story, places] = [[], new Map()];
    else if (number !== previous + 1) throw fail(`number ${number} follows ${previous}`);
    previous = number;
    const [sentence, answer, facts = ""] = content.split("\t").map((part) => part.trim());
    if (answer === undefined) {
      places.set(number, story.length);
      story.push(sentence);
      continue;
    }
    if (answer === "") throw fail("the question has no answer");
    const supporting = facts
      .split(/\s+/)
      .filter((fact) => fact !== "")
      .map((fact) => {
        const place = places.get(Number(fact));
        if (place === undefined) throw fail(`the story has no sentence ${fact}`);
        return place;
      });
    questions.push({ story: [...story], question: sentence, answer, supporting });
  }
  if (questions.length === 0) throw new GalateaError("data", where, "it holds no question", "a task of bAbI");
  return questions;
}
