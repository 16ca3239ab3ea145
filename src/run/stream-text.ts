/** Text that is drawn token by token and shown as it comes; it may be longer than what the model sees at once. */

import { foldKey, type Key, keyFromSeed } from "../core/base/index.ts";
import { GalateaError, leavesOf, type Tensor, type TensorTree, type TensorType } from "../core/index.ts";
import {
  type Backend,
  compileUpdate,
  createState,
  type DeviceBuffer,
  type DeviceState,
  type HostTensor,
  type Program,
  type StateTree,
} from "../engine/index.ts";
import type { Streaming, StreamRequest } from "../learn/models/index.ts";
import { createTextStream } from "./data/index.ts";
import { keyTensor, parameterTypes } from "./model.ts";
import { type OpenedRun, uploadWeights } from "./opened-run.ts";
import { noWishes, sampleRequest, type Wishes } from "./requests.ts";
import { textField } from "./text-samples.ts";

export interface StreamTextOptions {
  readonly backend: Backend;
  readonly run: OpenedRun;
  /** The same seed gives the same text, and as long as it fits, that of a single sample. */
  readonly seed: number;
  /** Tokens of the text, what it begins with included. */
  readonly length: number;
  readonly wishes?: Wishes;
  readonly signal?: AbortSignal;
}

const tokenType: TensorType = { dtype: "int32", shape: [1] };
const placeType: TensorType = { dtype: "int32", shape: [] };
const keyType: TensorType = { dtype: "uint32", shape: [2] };

/**
 * Draws one text and gives its pieces as they come.
 *
 * Where the text reaches the last place that the model sees, it goes on from the second half of what it has seen.
 * @throws GalateaError `usage` when the run makes no text of one sequence.
 */
export async function* streamText(options: StreamTextOptions): AsyncGenerator<string, void, undefined> {
  const { run, wishes = noWishes, length, seed, signal } = options;
  const { family, tokenizers } = run;
  const field = textField(family, tokenizers);
  const { streaming } = family;
  if (field === undefined || !streaming) {
    throw new GalateaError("usage", run.directory, `a ${family.name} makes no running text`, "leave --length out");
  }
  const { controls } = sampleRequest({ ...family, conditions: {} }, 1, wishes);
  const drawing = await openDrawing(options, streaming, { count: 1, controls });
  const prompt = Array.from(wishes.conditions[field] ?? [], Number).filter((token) => token >= 0);
  const text = createTextStream(tokenizers[field]);
  const key = keyFromSeed(seed);
  const keep = Math.floor(streaming.places / 2);
  /** All tokens of the text, and how many of them the model does not see any more. */
  const tokens: number[] = [];
  let forgotten = 0;
  try {
    while (tokens.length < length && !signal?.aborted) {
      if (tokens.length - forgotten >= streaming.places) {
        forgotten = tokens.length - keep;
        await drawing.reset();
        for (let i = 0; i < keep; i++)
          await drawing.next(i === 0 ? streaming.begin : tokens[forgotten + i - 1], i, key);
      }
      const place = tokens.length - forgotten;
      // Of each window other numbers are drawn.
      const own = forgotten === 0 ? key : foldKey(key, forgotten);
      const drawn = await drawing.next(place === 0 ? streaming.begin : (tokens.at(-1) ?? 0), place, own);
      const token = prompt[tokens.length] ?? drawn;
      if (token === streaming.end && tokens.length >= prompt.length) break;
      tokens.push(token);
      const piece = text.push(token);
      if (piece !== "") yield piece;
    }
    const rest = text.end();
    if (rest !== "") yield rest;
  } finally {
    await drawing.dispose();
  }
}

/** The model's state, and the program that reads a token and draws the next. */
interface Drawing {
  next(token: number, place: number, key: Key): Promise<number>;
  /** Forgets everything that was read. */
  reset(): Promise<void>;
  dispose(): Promise<void>;
}

async function openDrawing(
  { backend, run }: StreamTextOptions,
  streaming: Streaming,
  request: StreamRequest,
): Promise<Drawing> {
  const parameters = await uploadWeights(backend, run);
  const buffers = leavesOf<DeviceBuffer>(parameters).map(({ value }) => value);
  const types = { parameters: parameterTypes(run.family) as never };
  type Given = {
    readonly parameters: TensorTree;
    readonly token: Tensor;
    readonly place: Tensor;
    readonly key: Tensor;
  };
  const starting = createState<typeof types, StateTree>(backend, "text", types, buffers, (given) => ({
    text: streaming.start((given as unknown as Given).parameters, request),
  }));
  const feeds = { ...types, token: tokenType, place: placeType, key: keyType };
  const { program } = await compileUpdate<StateTree, typeof feeds, { readonly token: Tensor }>(
    backend,
    "next token",
    starting,
    feeds,
    ({ text: state }, given) => {
      const { parameters: own, token, place, key } = given as unknown as Given;
      const next = streaming.next(own, { state, token, place, key }, request);
      return { state: { text: next.state }, results: { token: next.token } };
    },
  );
  const state: DeviceState<StateTree> = await starting.ready;
  const fresh = await state.read();
  const ints = (shape: readonly number[], value: number): HostTensor => {
    return { dtype: "int32", shape, data: Int32Array.of(value) };
  };
  return {
    next: async (token, place, key) => {
      const operands = [...buffers, ints([1], token), ints([], place), keyTensor(key)];
      const [{ data }] = await state.update(program as Program, operands);
      return Number(data[0]);
    },
    reset: () => state.write(fresh, "the beginning of a text"),
    dispose: async () => {
      await program.dispose();
      await state.dispose();
    },
  };
}
