/** Questions with answers in a text, as SQuAD's JSON files hold them (versions 1.1 and 2.0). */

import { z } from "zod";
import { GalateaError } from "../../../core/base/index.ts";
import { readTextFile } from "./text-files.ts";

/** A question about a text. */
export interface SpanQuestion {
  readonly id: string;
  /** Of the article that the text is from. */
  readonly title: string;
  readonly context: string;
  readonly question: string;
  /** What people answered: none where the text does not say it. */
  readonly answers: readonly SpanAnswer[];
}

export interface SpanAnswer {
  readonly text: string;
  /** Where it begins in the context, as an index into the string. (The file counts Unicode's code points.) */
  readonly start: number;
}

const answerSchema = z.object({ text: z.string(), answer_start: z.int().min(0) });
const schema = z.object({
  data: z.array(
    z.object({
      title: z.string().default(""),
      paragraphs: z.array(
        z.object({
          context: z.string(),
          qas: z.array(z.object({ id: z.string(), question: z.string(), answers: z.array(answerSchema).default([]) })),
        }),
      ),
    }),
  ),
});

/**
 * Reads a file of SQuAD, plain or gzip.
 *
 * @throws GalateaError `data` when the file is missing, of another shape, without a question, or an answer does not stand
 *   where the file says.
 */
export async function readSquad(path: string): Promise<readonly SpanQuestion[]> {
  const text = await readTextFile(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GalateaError("data", path, `is no JSON: ${reason}`, "a file as SQuAD's train-v1.1.json", { cause });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [{ path: place, message }] = parsed.error.issues;
    throw new GalateaError("data", path, `${place.join(".")}: ${message}`, "a file as SQuAD's train-v1.1.json");
  }
  const questions = parsed.data.data.flatMap(({ title, paragraphs }) =>
    paragraphs.flatMap(({ context, qas }) => {
      const indexOf = indexOfCodePoint(context);
      return qas.map(({ id, question, answers }): SpanQuestion => {
        const spans = answers.map(({ text, answer_start }) => {
          const start = indexOf(answer_start);
          if (context.startsWith(text, start)) return { text, start };
          const seen = `the context has no ${JSON.stringify(text)} at ${answer_start}`;
          throw new GalateaError("data", `${path}, question ${id}`, seen, "answers stand where answer_start says");
        });
        return { id, title, context, question, answers: spans };
      });
    }),
  );
  if (questions.length > 0) return questions;
  throw new GalateaError("data", path, "it holds no question", "a file as SQuAD's train-v1.1.json");
}

/** The index into a string of the n-th code point. */
function indexOfCodePoint(text: string): (count: number) => number {
  // Where no character takes two places both are the same.
  if (!/[\u{10000}-\u{10ffff}]/u.test(text)) return (count) => count;
  const starts: number[] = [];
  let at = 0;
  for (const character of text) {
    starts.push(at);
    at += character.length;
  }
  return (count) => starts[count] ?? text.length;
}
