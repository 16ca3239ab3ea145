/** Examples looked inside: what a person says, or those of a data set, with the model's own answers. */

import { allocateHost, GalateaError, type HostArray, type Key, sizeOf } from "../core/index.ts";
import type { HostTensor } from "../engine/index.ts";
import type { Family } from "../learn/models/index.ts";
import type { Dataset, Tokenizers, Wording } from "./data/index.ts";
import { type InsideMaps, lookInside } from "./inside.ts";
import { type DeviceParameters, type HostBatch, type Model, toHostBatch } from "./model.ts";
import { noWishes, requestOfExamples, sampleRequest, tokensOfText, type Wishes } from "./requests.ts";
import { textField, textsOf } from "./text-samples.ts";

export interface InspectExamplesOptions {
  readonly model: Model;
  readonly parameters: DeviceParameters;
  readonly tokenizers: Tokenizers;
  readonly key: Key;
  /** What the model is told; where it says nothing, the first examples are. */
  readonly wishes?: Wishes;
  readonly examples?: Dataset;
  /** How many examples at most. */
  readonly count: number;
  /** What the model reads as its answer, in the place of its own. */
  readonly target?: string;
}

export interface ExampleInside {
  /** What the model was told and what it answered, where that is text. */
  readonly source?: string;
  readonly answer?: string;
  /** What would have been right, of an example of a data set. */
  readonly right?: Wording;
  /** The image that it was told, uint8 [C, H, W]. */
  readonly image?: { readonly shape: readonly number[]; readonly data: Uint8Array };
  readonly inside: readonly InsideMaps[];
}

/**
 * What goes on inside while a model answers, or reads a text.
 *
 * @throws GalateaError `usage` when there is nothing to see, or nothing that the model could be told.
 */
export async function inspectExamples(options: InspectExamplesOptions): Promise<readonly ExampleInside[]> {
  const { model, parameters, tokenizers } = options;
  const told = continues(model.family) !== undefined ? await readTexts(options) : await answerOf(options);
  const all = await lookInside({ model, parameters, tokenizers, ...told });
  const [sources, answers] = [told.sources ?? [], told.answers ?? []];
  return all.map((inside, i) => ({
    inside,
    ...(sources[i] !== undefined && { source: sources[i] }),
    ...(answers[i] !== undefined && { answer: answers[i] }),
    ...(told.right?.[i] !== undefined && { right: told.right[i] }),
    ...(told.batch.image && { image: imageOf(told.batch.image, i) }),
  }));
}

interface Told {
  readonly batch: HostBatch;
  readonly counts?: Readonly<Record<string, readonly number[]>>;
  readonly sources?: readonly string[];
  readonly answers?: readonly string[];
  readonly right?: readonly Wording[];
}

/** The field of a model that goes on with what it is told, which is a part of its examples; none of one that answers. */
function continues({ conditions = {}, inputs }: Pick<Family, "conditions" | "inputs">): string | undefined {
  return Object.keys(conditions).find(
    (name) => conditions[name].optional !== undefined && inputs[name]?.dtype === "int32",
  );
}

/** Texts as a language model reads them: those of a data set, or the one that it is told. */
async function readTexts({
  model,
  tokenizers,
  wishes = noWishes,
  examples,
  count,
  target,
}: InspectExamplesOptions): Promise<Told> {
  const { family } = model;
  const field = continues(family) ?? "";
  if (target !== undefined) {
    throw new GalateaError("usage", "--target", `a ${family.name} answers nothing`, "say the text with --condition");
  }
  const beginning = wishes.conditions[field];
  if (!beginning) {
    if (!examples) throw nothingTold(family);
    const own = Math.min(count, examples.count);
    const batch = await examples.gather(Array.from({ length: own }, (_, i) => i));
    return { batch: toHostBatch(family, batch, own), answers: [] };
  }
  const { shape } = family.inputs[field];
  const { begin, pad = 0 } = tokenizers[field]?.specialTokens ?? {};
  const given = Array.from(beginning as Int32Array).filter((token) => token >= 0);
  const tokens = [...(begin === undefined ? [] : [begin]), ...given].slice(0, sizeOf(shape));
  const data = new Int32Array(sizeOf(shape)).fill(pad);
  data.set(tokens);
  return { batch: { [field]: { dtype: "int32", shape: [1, ...shape], data } }, counts: { [field]: [tokens.length] } };
}

/** What a model is told, and what it answers. */
async function answerOf(options: InspectExamplesOptions): Promise<Told> {
  const { model, parameters, tokenizers, key, wishes = noWishes, examples, count, target } = options;
  const { family } = model;
  const isTold = Object.keys(wishes.conditions).length > 0;
  if (!isTold && !examples) throw nothingTold(family);
  const request =
    isTold || !examples
      ? sampleRequest(family, 1, wishes)
      : await requestOfExamples(family, Math.min(count, examples.count), examples, wishes);
  const field = textField(family, tokenizers);
  const own = request.count;
  let made: HostBatch = {};
  if (target !== undefined) {
    if (field === undefined)
      throw new GalateaError("usage", "--target", `a ${family.name} makes no text`, "leave it out");
    const { shape } = family.inputs[field];
    const tokens = tokensOfText("--target", target, tokenizers[field], { most: sizeOf(shape), ends: true });
    const data = new Int32Array(own * sizeOf(shape));
    for (let i = 0; i < own; i++) data.set(tokens, i * sizeOf(shape));
    made = { [field]: { dtype: "int32", shape: [own, ...shape], data } };
  } else {
    made = (await model.sample(parameters, key, request)) as HostBatch;
  }
  const batch = Object.fromEntries(
    Object.entries(family.inputs).map(([name, { dtype, shape }]): [string, HostTensor] => {
      const known = made[name] ?? request.conditions[name];
      // What it only reads to be judged by, such as the length of what was right.
      const none = { dtype, shape: [own, ...shape], data: allocateHost(dtype, own * sizeOf(shape)) as HostArray };
      return [name, known ?? (none as HostTensor)];
    }),
  );
  const answers = field === undefined ? [] : textsOf({ [field]: batch[field] }, family, tokenizers);
  const right = !isTold && field !== undefined ? examples?.texts?.[field] : undefined;
  const sources = textsOf(request.conditions, { outputs: family.conditions ?? {} }, tokenizers);
  return { batch, sources, answers, ...(right && { right }) };
}

function nothingTold(family: Family): GalateaError {
  return new GalateaError(
    "usage",
    family.name,
    "is told nothing to look inside of",
    "say it with --condition, or --data",
  );
}

function imageOf({ shape, data }: HostTensor, index: number): NonNullable<ExampleInside["image"]> {
  const own = shape.slice(1);
  const size = sizeOf(own);
  return { shape: own, data: (data as Uint8Array).slice(index * size, (index + 1) * size) };
}
