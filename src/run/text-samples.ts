/** Samples of models that make text: tokens, turned into words again. */

import { type Key, sizeOf } from "../core/index.ts";
import type { Family } from "../learn/models/index.ts";
import type { Dataset, Tokenizers } from "./data/index.ts";
import type { DeviceParameters, Model, Results } from "./model.ts";
import { requestOfExamples, sampleRequest, type Wishes } from "./requests.ts";

/** The output that is text, if there is one. */
export function textField({ outputs }: Pick<Family, "outputs">, tokenizers: Tokenizers = {}): string | undefined {
  return Object.keys(outputs).find((name) => outputs[name].dtype === "int32" && tokenizers[name] !== undefined);
}

export interface TextRequest {
  readonly model: Model;
  readonly parameters: DeviceParameters;
  readonly tokenizers: Tokenizers;
  readonly key: Key;
  readonly count: number;
  readonly wishes?: Wishes;
  /** Its first examples are what samples are told, where they must be told something and no wish says what. */
  readonly examples?: Dataset;
}

/** Draws texts; none where the model makes no text. */
export async function drawTexts(request: TextRequest): Promise<readonly string[]> {
  const { model, parameters, tokenizers, key, count, wishes, examples } = request;
  const { family } = model;
  if (textField(family, tokenizers) === undefined) return [];
  if (!examples) {
    const results = await model.sample(parameters, key, sampleRequest(family, count, wishes));
    return textsOf(results, family, tokenizers);
  }
  const asked = await requestOfExamples(family, count, examples, wishes);
  const made = textsOf(await model.sample(parameters, key, asked), family, tokenizers);
  const told = Object.fromEntries(
    Object.entries(family.conditions ?? {}).filter(([, { optional }]) => optional === undefined),
  );
  const sources = textsOf(asked.conditions, { outputs: told }, tokenizers);
  return made.map((text, i) => (sources[i] === undefined ? text : `${sources[i]}\n=> ${text}`));
}

/** Texts of tokens [count, places]; what stands after an end token is no part of them. */
export function textsOf(results: Results, family: Pick<Family, "outputs">, tokenizers: Tokenizers): readonly string[] {
  const field = textField(family, tokenizers);
  if (field === undefined) return [];
  const { data, shape } = results[field];
  const size = sizeOf(shape.slice(1));
  const { end } = tokenizers[field].specialTokens;
  return Array.from({ length: shape[0] }, (_, i) => {
    const ids = Array.from(data.slice(i * size, (i + 1) * size), Number);
    const last = end === undefined ? -1 : ids.indexOf(end);
    return tokenizers[field].decode(last < 0 ? ids : ids.slice(0, last));
  });
}

/** Texts as a file: one below the other, with lines between. */
export function textPage(texts: readonly string[]): string {
  return `${texts.join(`\n${"-".repeat(40)}\n`)}\n`;
}
