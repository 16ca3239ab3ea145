/** Answers: what a model says to the examples of a data set, such as translations, beside what it should have said. */

import { type Key, sizeOf } from "../core/index.ts";
import type { Family } from "../learn/models/index.ts";
import type { Dataset, Tokenizers, Wording } from "./data/index.ts";
import { type DeviceParameters, type Model, toConditions } from "./model.ts";
import { noWishes, sampleRequest, type Wishes } from "./requests.ts";
import { saidOf, sourceOf, textField, textsOf } from "./text-samples.ts";

/** One example, as text. */
export interface Answer {
  /** What it was told, where that is text. */
  readonly source?: string;
  readonly answer: string;
  /** What it should have said; any of several. */
  readonly right: Wording;
}

export interface AnswerOptions {
  readonly model: Model;
  readonly parameters: DeviceParameters;
  readonly tokenizers: Tokenizers;
  readonly dataset: Dataset;
  readonly key: Key;
  /** Answer at most this many examples, from the first on. */
  readonly limit?: number;
  /** How answers are made, such as the number of beams. */
  readonly wishes?: Wishes;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Examples that are answered at once, which bounds memory. */
const answersAtOnce = 100;

/** Whether a model answers the examples of a data set with text: it is told something of each and makes the rest. */
export function answersTexts(
  { conditions = {}, outputs, quotes }: Pick<Family, "conditions" | "outputs" | "quotes">,
  { fields }: Pick<Dataset, "fields">,
  tokenizers: Tokenizers = {},
): boolean {
  const field = textField({ outputs, ...(quotes && { quotes }) }, tokenizers);
  const isTold = Object.values(conditions).some(
    ({ optional, classes }) => optional === undefined && classes === undefined,
  );
  return field !== undefined && isTold && [...Object.keys(conditions), field].every((name) => fields[name]);
}

/** What a model says to each example, in their order. */
export async function answerExamples(options: AnswerOptions): Promise<readonly Answer[]> {
  const { model, parameters, tokenizers, dataset, key, wishes = noWishes, onProgress, signal } = options;
  const { family } = model;
  const field = textField(family, tokenizers) ?? "";
  const total = Math.min(options.limit ?? dataset.count, dataset.count);
  const size = Math.min(answersAtOnce, total);
  const { controls } = sampleRequest({ ...family, conditions: {} }, size, wishes);
  const answers: Answer[] = [];
  for (let start = 0; start < total; start += size) {
    signal?.throwIfAborted();
    const count = Math.min(size, total - start);
    // All batches are of one size, so that one program does for them; the last is filled up.
    const indices = Array.from({ length: size }, (_, i) => (i < count ? start + i : 0));
    const batch = await dataset.gather(indices);
    const conditions = toConditions(family, batch, size);
    const results = await model.sample(parameters, key, { count: size, conditions, controls });
    const said = (name: string, i: number): string | undefined => saidOf(dataset, name, indices[i]);
    const made = textsOf(results, family, tokenizers, said);
    const types = { outputs: { [field]: family.outputs[field] } };
    const target = { dtype: "int32", shape: [size, sizeOf(family.outputs[field].shape)], data: batch[field] } as const;
    const read = dataset.texts?.[field] ? [] : textsOf({ [field]: target }, types, tokenizers);
    for (let i = 0; i < count; i++) {
      const right = dataset.texts?.[field]?.[start + i] ?? read[i];
      const source = sourceOf(family, (name) => said(name, i));
      answers.push({ ...(source !== undefined && { source }), answer: made[i], right });
    }
    onProgress?.(start + count, total);
  }
  return answers;
}
