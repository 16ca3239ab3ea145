/** Samples of models that make text: tokens, turned into words again. */

import { type Key, sizeOf } from "../core/index.ts";
import type { Family } from "../learn/models/index.ts";
import { type Dataset, quote, type Tokenizers } from "./data/index.ts";
import type { DeviceParameters, Model, Results } from "./model.ts";
import { requestOfExamples, sampleRequest, type Wishes } from "./requests.ts";

/** The output that is text, if there is one: tokens, or the places of a quotation. */
export function textField(
  { outputs, quotes = {} }: Pick<Family, "outputs" | "quotes">,
  tokenizers: Tokenizers = {},
): string | undefined {
  const isText = (name: string): boolean => tokenizers[name] !== undefined || quotes[name] !== undefined;
  return Object.keys(outputs).find((name) => outputs[name].dtype === "int32" && isText(name));
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
    return textsOf(results, family, tokenizers, (name) => wishes?.texts?.[name]);
  }
  const asked = await requestOfExamples(family, count, examples, wishes);
  const said = (name: string, i: number): string | undefined => wishes?.texts?.[name] ?? saidOf(examples, name, i);
  const made = textsOf(await model.sample(parameters, key, asked), family, tokenizers, said);
  return made.map((text, i) => {
    const source = sourceOf(family, (name) => said(name, i));
    return source === undefined ? text : `${source}\n=> ${text}`;
  });
}

/** What stood in a field of an example before it became tokens. */
export function saidOf({ texts = {} }: Dataset, name: string, index: number): string | undefined {
  const wording = texts[name]?.[index];
  return typeof wording === "object" ? wording[0] : wording;
}

/** What a model that must be told something was told, in words, one condition a line. */
export function sourceOf(
  { conditions = {} }: Pick<Family, "conditions">,
  said: (name: string) => string | undefined,
): string | undefined {
  const told = Object.keys(conditions).filter((name) => conditions[name].optional === undefined);
  const texts = told.map(said).filter((text) => text !== undefined);
  return texts.length > 0 ? texts.join("\n") : undefined;
}

/**
 * Texts of tokens [count, places]; what stands after an end token is no part of them. Quotations are what stands at their
 * places in what was said.
 * @param said what was said to sample number `index`, by the condition's name
 */
export function textsOf(
  results: Results,
  family: Pick<Family, "outputs" | "quotes">,
  tokenizers: Tokenizers,
  said: (name: string, index: number) => string | undefined = () => undefined,
): readonly string[] {
  const field = textField(family, tokenizers);
  if (field === undefined) return [];
  const { data, shape } = results[field];
  const size = sizeOf(shape.slice(1));
  const quoted = family.quotes?.[field];
  if (quoted !== undefined) {
    return Array.from({ length: shape[0] }, (_, i) =>
      quote(said(quoted, i) ?? "", Number(data[2 * i]), Number(data[2 * i + 1])),
    );
  }
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
