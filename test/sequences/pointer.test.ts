/** Copying: the mixture by hand, and a task that cannot be solved without. */

import { afterAll, describe, expect, test } from "vitest";
import { keyFromSeed } from "../../src/core/base/index.ts";
import { tensor } from "../../src/core/trace/index.ts";
import {
  copyMixture,
  type Family,
  lstmDecoder,
  lstmEncoder,
  pointerNetwork,
  sequenceToSequence,
  type TokenNetwork,
  tokenDecoder,
} from "../../src/learn/models/index.ts";
import { evaluationContext } from "../../src/learn/nn/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { createModel, type DeviceParameters, type HostBatch } from "../../src/run/model.ts";
import { findPreset, parseConfig } from "../../src/run/presets/index.ts";
import { sampleRequest } from "../../src/run/requests.ts";
import { createTrainingStep } from "../../src/run/training-step.ts";
import { numbersOf } from "../graph/numbers.ts";

test("a token's probability is that of writing it and of all places where it was read", () => {
  // Three tokens, all written alike; two of three places read token 2.
  const logits = tensor([0, 0, 0], [1, 1, 3]);
  const weights = tensor([0.5, 0.2, 0.3], [1, 1, 3]);
  const read = tensor([2, 1, 2], [1, 3], "int32");
  const found = numbersOf(copyMixture(logits, tensor([0.4], [1, 1, 1]), weights, read)).map(Math.exp);
  const written = 0.4 / 3;
  [written, written + 0.6 * 0.2, written + 0.6 * 0.8].forEach((probability, token) => {
    expect(found[token]).toBeCloseTo(probability, 5);
  });
});

test("a pointer needs tokens to point at, and states", () => {
  const network = tokenDecoder({
    vocabulary: 5,
    places: 3,
    width: 4,
    depth: 1,
    heads: 1,
    positions: "none",
    cross: true,
  });
  const key = tensor([1, 2], [2], "uint32");
  const tokens = tensor([1, 2], [1, 2], "int32");
  const places = tensor([1, 2, 3, 4], [1, 1, 4]);
  const pointer = pointerNetwork({ network, states: 4, memory: 4 });
  const parameters = pointer.init(key);
  expect(() => pointer.read(parameters, tokens, { places }, evaluationContext())).toThrow("without tokens to point at");
  const stateless: TokenNetwork<never> = {
    ...(network as TokenNetwork<never>),
    read: (...given) => {
      const { logits, inside } = (network as TokenNetwork<never>).read(...given);
      return { logits, inside };
    },
  };
  const blind = pointerNetwork({ network: stateless, states: 4, memory: 4 });
  const memory = { places, tokens: tensor([3], [1, 1], "int32") };
  expect(() => blind.read(parameters as never, tokens, memory, evaluationContext())).toThrow("without states");
});

const [pad, begin, end, marker] = [0, 1, 2, 3];
/** Tokens 4 .. 11 stand in training, 12 .. 19 do not. */
const [known, unknown] = [
  [4, 11],
  [12, 19],
] as const;
const [vocabulary, places, batchSize] = [20, 6, 64];

/** Six tokens with a marker among them: what follows it is what shall be said. */
function marked([low, high]: readonly [number, number], start: number, count: number): HostBatch {
  const spread = (i: number): number => (i * 0.618_033_988_75) % 1;
  const rows = Array.from({ length: count }, (_, b) => {
    const i = start + b;
    const at = Math.floor((places - 1) * spread(i));
    const letter = (t: number): number => low + Math.floor((high - low + 1) * spread(7 * i + 3 * t + 1));
    const source = Array.from({ length: places }, (_, t) => (t === at ? marker : letter(t)));
    return { source, target: [source[at + 1], end] };
  });
  const ints = (name: "source" | "target", width: number): HostBatch[string] => {
    return { dtype: "int32", shape: [count, width], data: Int32Array.from(rows.flatMap((row) => row[name])) };
  };
  return { source: ints("source", places), target: ints("target", 2) };
}

describe("words that never were an answer", () => {
  const backend = createCpuBackend({ threads: 1 });
  afterAll(() => backend.dispose());

  /** Share of answers that are right after training on known tokens. */
  async function shareRight(family: Family): Promise<number> {
    const config = parseConfig(findPreset("digits/vae").schema, {
      schedule: "constant",
      batchSize,
      learningRate: 0.02,
      steps: 250,
      seed: 1,
    });
    const step = await createTrainingStep(backend, family, config);
    for (let i = 0; i < config.steps; i++) await step.run(marked(known, i * batchSize, batchSize), i);
    const model = createModel(backend, family);
    const batch = marked(unknown, 7, 100);
    const { controls } = sampleRequest({ ...family, conditions: {} }, 100);
    const parameters = step.state.current().parameters as unknown as DeviceParameters;
    const request = { count: 100, conditions: { source: batch.source }, controls };
    const { target } = await model.sample(parameters, keyFromSeed(1), request);
    const right = Array.from({ length: 100 }, (_, i) => target.data[2 * i] === batch.target.data[2 * i]);
    await model.dispose();
    await step.state.dispose();
    return right.filter(Boolean).length / 100;
  }

  const decoder = lstmDecoder({
    vocabulary,
    embedding: 12,
    hidden: 16,
    layers: 1,
    attention: { score: "general", memory: 24 },
  });
  const shared = {
    inputs: { source: { dtype: "int32", shape: [places] } },
    encoder: lstmEncoder({ field: "source", vocabulary, inputs: 12, hidden: 12, layers: 1, pad }),
    places: 2,
    begin,
    end,
    pad,
  } as const;

  test("are copied by a pointer, and by nothing else", async () => {
    const pointer = pointerNetwork({ network: decoder, states: 16, memory: 24 });
    expect(await shareRight(sequenceToSequence({ ...shared, decoder: pointer }) as Family)).toBeGreaterThan(0.8);
    expect(await shareRight(sequenceToSequence({ ...shared, decoder }) as Family)).toBeLessThan(0.1);
  });
});
