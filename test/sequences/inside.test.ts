/** What goes on inside families of sequences: views describe it, its numbers are the model's, masks hold. */

import { afterAll, describe, expect, test } from "vitest";
import { keyFromSeed } from "../../src/core/base/index.ts";
import { constantKey, ones, sizeOf, type Tensor } from "../../src/core/index.ts";
import { jit } from "../../src/engine/index.ts";
import {
  type Family,
  imageEncoder,
  type LstmAttentionOptions,
  languageModel,
  lstmDecoder,
  lstmEncoder,
  sequenceToSequence,
  storyEncoder,
  tokenDecoder,
  tokenEncoder,
} from "../../src/learn/models/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { type Tokenizer, wordTokenizer } from "../../src/run/data/index.ts";
import { lookInside } from "../../src/run/inside.ts";
import { inspectExamples } from "../../src/run/inside-examples.ts";
import { insidePictures } from "../../src/run/inside-pictures.ts";
import { createModel, type DeviceParameters, type HostBatch, keyTensor, parameterTypes } from "../../src/run/model.ts";
import { insideToJson } from "../../src/run/tasks/index.ts";
import { sequencesUnderContract } from "../families/contract-sequences.ts";
import { numbersOf } from "../graph/numbers.ts";

const backend = createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());

const words = "one two three four five six".split(" ");
const tokenizer: Tokenizer = wordTokenizer(words.join(" "), {
  specialTokens: ["pad", "begin", "end"],
  minimumFrequency: 1,
});
const { pad = 0, begin = 0, end = 0 } = tokenizer.specialTokens;
const vocabulary = tokenizer.size;
const special = { begin, end, pad };
const [sourcePlaces, places] = [6, 5];
const inputs = { source: { dtype: "int32", shape: [sourcePlaces] } } as const;
const readSource = { field: "source", pad } as const;
const sizes = { vocabulary, width: 8, depth: 2, heads: 2 } as const;

const transformer = sequenceToSequence({
  inputs,
  encoder: tokenEncoder({ ...sizes, ...readSource, places: sourcePlaces, positions: "sinusoidal" }),
  decoder: tokenDecoder({ ...sizes, places, positions: "learned", cross: true }),
  places,
  ...special,
}) as Family;

const recurrent = (attention: Pick<LstmAttentionOptions, "when" | "feeds" | "start">): Family =>
  sequenceToSequence({
    inputs,
    encoder: lstmEncoder({ ...readSource, vocabulary, inputs: 4, hidden: 3, layers: 2 }),
    decoder: lstmDecoder({
      vocabulary,
      embedding: 4,
      hidden: 5,
      layers: 2,
      attention: { score: "additive", memory: 6, ...attention },
    }),
    places,
    ...special,
  }) as Family;

async function parametersOf(family: Family): Promise<DeviceParameters> {
  const init = jit(backend, "init", ({ key }) => family.init(key as never));
  const made = await init({ key: keyTensor(keyFromSeed(4)) } as never);
  const types = parameterTypes(family);
  const upload = async (type: unknown, value: unknown): Promise<unknown> => {
    if (typeof value === "object" && value !== null && "data" in value) {
      const buffer = await backend.allocate(type as never);
      await backend.write(buffer, (value as { data: never }).data);
      return buffer;
    }
    if (Array.isArray(value)) {
      return Promise.all(value.map((one, i) => upload((type as unknown[])[i], one)));
    }
    const entries = Object.entries(value as object).map(async ([name, one]) => {
      return [name, await upload((type as Record<string, unknown>)[name], one)] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  };
  return (await upload(types, made)) as DeviceParameters;
}

const row = (text: string, size: number): number[] => {
  const ids = [...tokenizer.encode(text), end];
  return Array.from({ length: size }, (_, i) => ids[i] ?? pad);
};
const ints = (rows: readonly (readonly number[])[]): HostBatch[string] => {
  return { dtype: "int32", shape: [rows.length, rows[0].length], data: Int32Array.from(rows.flat()) };
};

const batch: HostBatch = {
  source: ints([row("one two three", sourcePlaces), row("six five four three two", sourcePlaces)]),
  target: ints([row("two one", places), row("three four five", places)]),
};
const tokenizers = { source: tokenizer, target: tokenizer, tokens: tokenizer };

test("of a story, sentences that say nothing are left out", async () => {
  const sentences = 4;
  const inputs = {
    story: { dtype: "int32", shape: [sentences, 2] },
    question: { dtype: "int32", shape: [2] },
  } as const;
  const family = sequenceToSequence({
    inputs,
    encoder: storyEncoder({ ...sizes, story: "story", question: "question", sentences, words: 2, pad }),
    decoder: tokenDecoder({ ...sizes, places, positions: "learned", cross: true }),
    places,
    ...special,
  }) as Family;
  const [one, two, three] = ["one", "two three", "four"].map((text) => {
    const ids = tokenizer.encode(text);
    return [ids[0], ids[1] ?? pad];
  });
  const told: HostBatch = {
    story: { dtype: "int32", shape: [1, sentences, 2], data: Int32Array.from([pad, pad, pad, pad, ...one, ...two]) },
    question: ints([three]),
    target: ints([row("two", places)]),
  };
  const model = createModel(backend, family);
  const parameters = await parametersOf(family);
  const raw = await model.inspect?.(parameters, told);
  const all = { ...tokenizers, story: tokenizer, question: tokenizer };
  const [[maps]] = await lookInside({ model, parameters, tokenizers: all, batch: told });
  expect(maps.name).toBe("encoderAttention");
  expect(maps.rows.labels).toEqual(["four", "one", "two three"]);
  expect(maps.columns.labels).toEqual(maps.rows.labels);
  const weights = raw?.encoderAttention.data as Float32Array;
  const shown = [0, 3, 4];
  const wanted = [0, 1, 2, 3].flatMap((map) =>
    shown.flatMap((from) => shown.map((to) => weights[(map * (sentences + 1) + from) * (sentences + 1) + to])),
  );
  expect(Array.from(maps.values)).toEqual(wanted);
  await model.dispose();
});

describe("an encoder-decoder of transformers", () => {
  test("weights are the model's numbers without padding, and JSON holds them", async () => {
    const model = createModel(backend, transformer);
    const parameters = await parametersOf(transformer);
    const raw = await model.inspect?.(parameters, batch);
    const [first, second] = await lookInside({ model, parameters, tokenizers, batch });
    expect(first.map(({ name }) => name)).toEqual(["encoderAttention", "attention", "memoryAttention"]);
    const maps = first[2];
    expect([maps.layers, maps.heads]).toEqual([2, 2]);
    expect(maps.rows.labels).toEqual(["two", "one", tokenizer.tokenText(end)]);
    expect(maps.columns.labels).toEqual(["one", "two", "three", tokenizer.tokenText(end)]);
    expect(first[1].rows.labels).toEqual([tokenizer.tokenText(begin), "two", "one"]);
    expect(second[2].columns.labels).toHaveLength(6);
    const { inside } = insideToJson({ inside: first }) as { inside: Record<string, { values: number[][][][] }> };
    const all = raw?.memoryAttention.data as Float32Array;
    for (const [layer, heads] of inside.memoryAttention.values.entries()) {
      for (const [head, rows] of heads.entries()) {
        for (const [t, weights] of rows.entries()) {
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
          for (const [s, weight] of weights.entries()) {
            expect(weight).toBeCloseTo(all[((layer * 2 + head) * places + t) * sourcePlaces + s], 7);
          }
        }
      }
    }
    await model.dispose();
  });
  test("padding and later tokens have weight 0, whatever stands there", async () => {
    const model = createModel(backend, transformer);
    const parameters = await parametersOf(transformer);
    const raw = await model.inspect?.(parameters, batch);
    const [encoder, own, memory] = ["encoderAttention", "attention", "memoryAttention"].map(
      (name) => raw?.[name].data as Float32Array,
    );
    for (let map = 0; map < 4; map++) {
      for (let t = 0; t < places; t++) {
        for (const s of [4, 5]) expect(memory[(map * places + t) * sourcePlaces + s]).toBe(0);
        for (let later = t + 1; later < places; later++) expect(own[(map * places + t) * places + later]).toBe(0);
      }
      for (let s = 0; s < sourcePlaces; s++) {
        for (const hidden of [4, 5]) expect(encoder[(map * sourcePlaces + s) * sourcePlaces + hidden]).toBe(0);
      }
    }
    // Another last token of the target changes nothing before it.
    const target = Int32Array.from(batch.target.data as Int32Array);
    target[2] = tokenizer.encode("six")[0];
    const other = await model.inspect?.(parameters, { ...batch, target: { ...batch.target, data: target } });
    const changed = other?.memoryAttention.data as Float32Array;
    for (let map = 0; map < 4; map++) {
      for (let t = 0; t < 3; t++) {
        for (let s = 0; s < sourcePlaces; s++) {
          const at = (map * places + t) * sourcePlaces + s;
          expect(changed[at]).toBe(memory[at]);
        }
      }
    }
    await model.dispose();
  });
});

describe.each([
  ["before", { when: "before" }],
  ["after", { when: "after" }],
  ["after, and is fed what it saw", { when: "after", feeds: "seen" }],
  ["after, and is fed where it looked", { when: "after", feeds: "where", places: sourcePlaces }],
  ["after, and knows nothing at first", { when: "after", feeds: "seen", start: "nothing" }],
] as const)("an encoder-decoder of LSTMs that looks %s", (_, attention) => {
  test("gates and cells obey the LSTM's equations, in every layer and direction", async () => {
    const family = recurrent(attention);
    const model = createModel(backend, family);
    const parameters = await parametersOf(family);
    const [example] = await lookInside({ model, parameters, tokenizers, batch });
    const found = new Map(example.map((maps) => [maps.name, maps]));
    for (const prefix of ["", "forward", "backward"]) {
      const part = (name: string) => {
        const maps = found.get(prefix === "" ? name : `${prefix}${name[0].toUpperCase()}${name.slice(1)}`);
        if (!maps) throw new Error(`${prefix} ${name} is missing`);
        return maps;
      };
      const { rows, columns, layers } = part("cell");
      expect(layers).toBe(2);
      const [steps, units] = [rows.labels.length, columns.labels.length];
      expect([steps, units]).toEqual(prefix === "" ? [3, 5] : [4, 3]);
      const at = (name: string, layer: number, t: number, unit: number): number =>
        part(name).values[(layer * steps + t) * units + unit];
      const before = prefix === "backward" ? 1 : -1;
      for (let layer = 0; layer < layers; layer++) {
        for (let t = 0; t < steps; t++) {
          for (let unit = 0; unit < units; unit++) {
            const gate = (name: string): number => at(name, layer, t, unit);
            expect(gate("hidden")).toBeCloseTo(gate("output") * Math.tanh(gate("cell")), 5);
            for (const name of ["input", "forget", "output"]) expect(Math.abs(gate(name) - 0.5)).toBeLessThan(0.5);
            if (t + before < 0 || t + before >= steps) continue;
            const kept = gate("forget") * at("cell", layer, t + before, unit);
            expect(gate("cell")).toBeCloseTo(kept + gate("input") * gate("candidate"), 5);
          }
        }
      }
    }
    const looked = found.get("memoryAttention");
    expect(looked?.rows.labels).toEqual(["two", "one", tokenizer.tokenText(end)]);
    const sums = [0, 1, 2].map((t) => looked?.values.slice(4 * t, 4 * t + 4).reduce((sum, weight) => sum + weight, 0));
    for (const sum of sums) expect(sum).toBeCloseTo(1, 5);
    await model.dispose();
  });
});

test("all that families under contract show inside is described as it is", async () => {
  for (const { family, fields, name } of sequencesUnderContract) {
    const { inspect, views = {} } = family;
    // Some networks have nothing to show.
    if (!inspect || Object.keys(views).length === 0) continue;
    const model = createModel(backend, family);
    const given = fields?.(0, 2, new Uint8Array()) as HostBatch;
    const results = (await model.inspect?.(await parametersOf(family), given)) ?? {};
    const helpers = Object.values(views).flatMap(({ rows }) => (rows.kind === "places" ? (rows.count ?? []) : []));
    expect(
      Object.keys(results)
        .filter((key) => !helpers.includes(key))
        .sort(),
      name,
    ).toEqual(Object.keys(views).sort());
    for (const [key, { rows, columns, heads = 1 }] of Object.entries(views)) {
      const { shape } = results[key];
      expect(shape[0], `${name} ${key}`).toBe(2);
      if (shape.length === 4) expect(shape[1] % heads, `${name} ${key}`).toBe(0);
      for (const [axis, size] of [
        [rows, shape.at(-2)],
        [columns, shape.at(-1)],
      ] as const) {
        if (axis.kind === "tokens")
          expect(given[axis.field].shape[1], `${name} ${key}`).toBeGreaterThanOrEqual(size ?? 0);
      }
    }
    await model.dispose();
  }
}, 60_000);

test("a language model reads the text that it is told; nothing is answered", async () => {
  const network = lstmDecoder({ vocabulary, embedding: 4, hidden: 3, layers: 1 });
  const family = languageModel({ network, places, ...special, never: [begin] }) as Family;
  const model = createModel(backend, family);
  const parameters = await parametersOf(family);
  const tokens = Int32Array.from({ length: places }, (_, i) => tokenizer.encode("one two")[i] ?? -1);
  const asked = { model, parameters, tokenizers, key: keyFromSeed(0), count: 1 };
  const wishes = { conditions: { tokens }, controls: {} };
  const [example] = await inspectExamples({ ...asked, wishes });
  expect(example.answer).toBeUndefined();
  expect(example.inside[0].rows.labels).toEqual([tokenizer.tokenText(begin), "one", "two"]);
  await expect(inspectExamples({ ...asked, wishes, target: "one" })).rejects.toThrow("answers nothing");
  await expect(inspectExamples(asked)).rejects.toThrow("is told nothing to look inside of");
  await model.dispose();
});

test("an answer is the model's own, or what it is told to be", async () => {
  const model = createModel(backend, transformer);
  const parameters = await parametersOf(transformer);
  const asked = { model, parameters, tokenizers, key: keyFromSeed(0), count: 1 };
  const wishes = { conditions: { source: Int32Array.from(row("one two", sourcePlaces)) }, controls: {} };
  const [own] = await inspectExamples({ ...asked, wishes });
  const drawn = own.inside[2].rows.labels.filter((label) => label !== tokenizer.tokenText(end));
  expect(drawn.join(" ")).toBe(own.answer);
  const [told] = await inspectExamples({ ...asked, wishes, target: "six five" });
  expect([told.source, told.answer]).toEqual(["one two", "six five"]);
  expect(told.inside[2].rows.labels).toEqual(["six", "five", tokenizer.tokenText(end)]);
  const long = { ...asked, wishes, target: "one two three four five" };
  await expect(inspectExamples(long)).rejects.toThrow("--target: got 6 tokens; the model reads 5 at most");
  const names = (await insidePictures(told)).map(({ name }) => name);
  expect(names).toEqual(["encoderAttention", "attention", "memoryAttention"]);
  await model.dispose();
});

test("a network that reads images shows where each word looked at them", async () => {
  const shape = [3, 8, 8];
  const family = sequenceToSequence({
    inputs: { image: { dtype: "uint8", shape } },
    encoder: imageEncoder({ shape, channels: [4, 6] }),
    decoder: lstmDecoder({
      vocabulary,
      embedding: 4,
      hidden: 5,
      layers: 1,
      attention: { score: "additive", memory: 6, when: "before" },
    }),
    places,
    ...special,
    attentionSpread: 1,
  }) as Family;
  const model = createModel(backend, family);
  const parameters = await parametersOf(family);
  const image = Uint8Array.from({ length: sizeOf(shape) }, (_, i) => (37 * i) % 256);
  const wishes = { conditions: { image }, controls: {} };
  const asked = { model, parameters, tokenizers, key: keyFromSeed(0), count: 1, wishes, target: "one" };
  const [example] = await inspectExamples(asked);
  const { columns, values } = example.inside[example.inside.length - 1];
  expect([columns.height, columns.width, columns.labels.length]).toEqual([2, 2, 4]);
  expect(columns.labels[2]).toBe("2, 1");
  expect(values).toHaveLength(8);
  expect(example.image?.data).toEqual(image);
  expect((await insidePictures(example)).map(({ name }) => name)).toEqual(["gates", "memoryAttention"]);
  await model.dispose();
});

test("an LSTM that knows nothing at first says the same of every memory until it looks", () => {
  const trees = (["mean", "nothing"] as const).map((start) => {
    const network = lstmDecoder({
      vocabulary,
      embedding: 4,
      hidden: 3,
      layers: 1,
      attention: { score: "dot", memory: 3, feeds: "seen", start },
    });
    const parameters = network.init(constantKey(keyFromSeed(1)));
    const firstOf = (value: number): readonly number[] => {
      const { state } = network.begin(parameters, { batch: 1 } as never, { places: ones([1, 2, 3]).mul(value) });
      return [...numbersOf((state as { readonly h: Tensor }).h)];
    };
    return { has: "start" in parameters, first: [firstOf(1), firstOf(-2)] };
  });
  expect(trees.map(({ has }) => has)).toEqual([true, false]);
  expect(trees[0].first[0]).not.toEqual(trees[0].first[1]);
  expect(trees[1].first).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

test("an LSTM that looks before it reads cannot also be fed what it saw", () => {
  expect(() => recurrent({ when: "before", feeds: "seen" })).toThrow("feeds: it looks before and is fed seen");
});

test("an LSTM that is fed where it looked must know of how many places", () => {
  expect(() => recurrent({ when: "after", feeds: "where" })).toThrow("say how many places the memory has");
});
