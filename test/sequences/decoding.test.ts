/** Drawing sequences from networks of random weights: place by place as all at once, beams, ends, prompts, masks. */

import { describe, expect, test } from "vitest";
import { keyFromSeed, leavesOf, treeFromLeaves } from "../../src/core/base/index.ts";
import { constantKey, type Tensor, type TensorTree, tensor } from "../../src/core/trace/index.ts";
import {
  beamSearch,
  type GenerateOptions,
  generate,
  lstmDecoder,
  lstmEncoder,
  type Memory,
  pointerNetwork,
  type TokenNetwork,
  tokenDecoder,
  tokenEncoder,
  waveNet,
} from "../../src/learn/models/index.ts";
import { evaluationContext } from "../../src/learn/nn/index.ts";
import { numbersOf } from "../graph/numbers.ts";

const [vocabulary, batch, places] = [7, 3, 6];
const [begin, end, pad] = [1, 2, 0];
const key = constantKey(keyFromSeed(3));
const shape = { vocabulary, places, width: 8, depth: 2, heads: 2, hidden: 12 } as const;

/** Weights big enough that the networks have opinions. */
function opinionated<P extends TensorTree>(parameters: P): P {
  return treeFromLeaves(
    parameters as never,
    leavesOf<Tensor>(parameters as never).map(({ value }) => (value.rank > 1 ? value.mul(6) : value)),
  ) as P;
}

const source = tensor([3, 4, 5, 6, 3, 0, 4, 4, 0, 0, 0, 0], [batch, 4], "int32");

interface Case {
  readonly network: TokenNetwork;
  readonly parameters: TensorTree;
  readonly memory?: Memory;
}

const memoryOf = (encoder: ReturnType<typeof tokenEncoder> | ReturnType<typeof lstmEncoder>): Memory =>
  encoder.encode(opinionated(encoder.init(key)) as never, { source }, evaluationContext());

function caseOf(network: TokenNetwork<never>, memory?: Memory): Case {
  const given = network as unknown as TokenNetwork;
  return { network: given, parameters: opinionated(given.init(key)), ...(memory && { memory }) };
}

const read = { field: "source", pad };
const transformerMemory = memoryOf(tokenEncoder({ ...shape, ...read, positions: "sinusoidal" }));
const lstmMemory = memoryOf(lstmEncoder({ ...read, vocabulary, inputs: 5, hidden: 4, layers: 1 }));
const lstmShape = { vocabulary, embedding: 8, hidden: 8, layers: 2 };

const cases: Readonly<Record<string, Case>> = {
  "learned positions": caseOf(tokenDecoder({ ...shape, positions: "learned" }) as never),
  "rotary, shared keys, gated": caseOf(
    tokenDecoder({ ...shape, positions: "rotary", keyValueHeads: 1, gated: true, normKind: "rms" }) as never,
  ),
  "relative, norm after, own head": caseOf(
    tokenDecoder({ ...shape, positions: "relative", norm: "after", tied: false }) as never,
  ),
  "transformer with memory": caseOf(
    tokenDecoder({ ...shape, positions: "sinusoidal", cross: true }) as never,
    transformerMemory,
  ),
  lstm: caseOf(lstmDecoder({ ...lstmShape, tied: true }) as never),
  "lstm, attention after": caseOf(
    lstmDecoder({ ...lstmShape, attention: { score: "general", memory: 8 } }) as never,
    lstmMemory,
  ),
  "recurrent depth": caseOf(
    tokenDecoder({ ...shape, depth: 3, positions: "sinusoidal", recurrentDepth: true, cross: true }) as never,
    transformerMemory,
  ),
  "pointer over a transformer": caseOf(
    pointerNetwork({
      network: tokenDecoder({ ...shape, positions: "rotary", cross: true }),
      states: 8,
      memory: 8,
    }) as never,
    transformerMemory,
  ),
  "pointer with coverage over an lstm": caseOf(
    pointerNetwork({
      network: lstmDecoder({ ...lstmShape, attention: { score: "general", memory: 8 } }),
      states: 8,
      memory: 8,
      coverage: 1,
    }) as never,
    lstmMemory,
  ),
  wavenet: caseOf(waveNet({ vocabulary, channels: 6, skip: 5, layers: 2, cycles: 2 }) as never),
  "wavenet that is told something": caseOf(
    waveNet({ vocabulary, channels: 6, skip: 5, layers: 3, cycles: 1, memory: 8 }) as never,
    lstmMemory,
  ),
  "wavenet that is told something of each stretch of time": caseOf(
    waveNet({ vocabulary, channels: 6, skip: 5, layers: 2, cycles: 2, memory: 8, span: 2 }) as never,
    lstmMemory,
  ),
  "wavenet with a linear prediction": caseOf(
    waveNet({
      ...{ vocabulary, channels: 6, skip: 5, layers: 2, cycles: 1, memory: 8, span: 2 },
      prediction: { levels: vocabulary - 2, order: 3 },
    }) as never,
    lstmMemory,
  ),
  "lstm, attention before": caseOf(
    lstmDecoder({ ...lstmShape, attention: { score: "additive", memory: 8, when: "before" } }) as never,
    lstmMemory,
  ),
  "lstm that is fed where it looked": caseOf(
    lstmDecoder({ ...lstmShape, attention: { score: "general", memory: 8, feeds: "where", places: 4 } }) as never,
    lstmMemory,
  ),
  "lstm that is fed what it saw": caseOf(
    lstmDecoder({ ...lstmShape, attention: { score: "general", memory: 8, feeds: "seen" } }) as never,
    lstmMemory,
  ),
};
const names = Object.keys(cases);

const usual: GenerateOptions & { readonly begin: number } = {
  vocabulary,
  most: places,
  begin,
  end,
  pad,
  temperature: 0,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
};

/** Logits [row][place] after the tokens of each row. */
function logitsOf({ network, parameters, memory }: Case, tokens: readonly (readonly number[])[]): number[][][] {
  const given = tensor(tokens.flat(), [tokens.length, tokens[0].length], "int32");
  const { logits } = network.read(parameters, given, memory, evaluationContext());
  const numbers = numbersOf(logits);
  return tokens.map((row, b) =>
    row.map((_, t) => numbers.slice((b * row.length + t) * vocabulary, (b * row.length + t + 1) * vocabulary)),
  );
}

const rowsOf = (x: Tensor): number[][] => {
  const numbers = numbersOf(x);
  const width = numbers.length / x.shape[0];
  return Array.from({ length: x.shape[0] }, (_, i) => numbers.slice(i * width, (i + 1) * width));
};

const logSoftmax = (scores: readonly number[]): number[] => {
  const total = Math.log(scores.reduce((sum, x) => sum + Math.exp(x), 0));
  return scores.map((x) => x - total);
};

const steppingOf = ({ network, parameters, memory }: Case, { rows = batch, inBlocks = false, most = places } = {}) =>
  network.begin(parameters, { batch: rows, most, inBlocks }, memory);

describe.each(names)("%s", (name) => {
  const one = cases[name];

  test.each([false, true])("place by place gives the scores of all at once, in blocks: %s", (inBlocks) => {
    const tokens = [
      [1, 3, 4, 5, 6, 3],
      [1, 6, 6, 2, 0, 0],
      [1, 5, 3, 5, 3, 4],
    ];
    const expected = logitsOf(one, tokens);
    let { state } = steppingOf(one, { inBlocks });
    const { step, blocks } = steppingOf(one, { inBlocks });
    for (let t = 0; t < places; t++) {
      if (blocks && t > 0 && t % blocks.size === 0) {
        state = blocks.settle(state, tensor([t - blocks.size], [], "int32"));
      }
      const token = tensor(
        tokens.map((row) => row[t]),
        [batch],
        "int32",
      );
      const found = step(state, token, tensor([t], [], "int32"));
      rowsOf(found.logits).forEach((row, b) => {
        row.forEach((number, v) => {
          expect(number).toBeCloseTo(expected[b][t][v], 4);
        });
      });
      state = found.state;
    }
  });

  test("a later token changes no score before it", () => {
    const before = logitsOf(one, [[1, 3, 4, 5], [1, 3, 4, 5], [1, 3, 4, 5]]); // biome-ignore format: short
    const after = logitsOf(one, [[1, 3, 4, 6], [1, 3, 4, 2], [1, 3, 4, 0]]); // biome-ignore format: short
    expect(after.map((row) => row.slice(0, 3))).toEqual(before.map((row) => row.slice(0, 3)));
    expect(after.map((row) => row[3])).not.toEqual(before.map((row) => row[3]));
  });

  test("greedy tokens are the most probable ones, and the search stops at the end", () => {
    const { tokens, length, logProb } = generate(steppingOf(one), batch, key, usual);
    const made = rowsOf(tokens);
    const scores = logitsOf(
      one,
      made.map((row) => [begin, ...row.slice(0, -1)]),
    );
    made.forEach((row, b) => {
      const ended = row.indexOf(end);
      const count = ended < 0 ? places : ended + 1;
      expect(numbersOf(length)[b]).toBe(count);
      expect(row.slice(count)).toEqual(Array.from({ length: places - count }, () => pad));
      let log = 0;
      for (let t = 0; t < count; t++) {
        const best = scores[b][t].indexOf(Math.max(...scores[b][t]));
        expect(row[t]).toBe(best);
        log += logSoftmax(scores[b][t])[best];
      }
      expect(numbersOf(logProb)[b]).toBeCloseTo(log, 3);
    });
  });

  test("in blocks it draws what it draws without, also where the end comes early or never", () => {
    for (const options of [usual, { ...usual, temperature: 1 }, { ...usual, never: [end] }, { ...usual, most: 5 }]) {
      const { most } = options;
      const [whole, blocks] = [false, true].map((inBlocks) =>
        generate(steppingOf(one, { inBlocks, most }), batch, key, options),
      );
      expect(numbersOf(blocks.tokens)).toEqual(numbersOf(whole.tokens));
      expect(numbersOf(blocks.length)).toEqual(numbersOf(whole.length));
    }
  });

  test("a beam of width 1 is greedy", () => {
    const greedy = generate(steppingOf(one), batch, key, usual);
    const beam = beamSearch(steppingOf(one), batch, { ...usual, beams: 1, lengthPenalty: 1 });
    expect(numbersOf(beam.tokens)).toEqual(numbersOf(greedy.tokens));
    expect(numbersOf(beam.length)).toEqual(numbersOf(greedy.length));
  });
});

describe("beam search", () => {
  test("with as many beams as there are sequences finds the best of all", () => {
    const network = tokenDecoder({ ...shape, vocabulary: 4, places: 3, positions: "learned" });
    const parameters = opinionated(network.init(key));
    const one = caseOf(network as never);
    const found = beamSearch(network.begin(parameters, { batch: 64, most: 3 }), 1, {
      ...usual,
      vocabulary: 4,
      most: 3,
      beams: 64,
      lengthPenalty: 0,
    });
    let best = { log: Number.NEGATIVE_INFINITY, tokens: [] as number[] };
    for (let i = 0; i < 64; i++) {
      const tokens = [Math.floor(i / 16), Math.floor(i / 4) % 4, i % 4];
      const ended = tokens.indexOf(end);
      const kept = ended < 0 ? tokens : tokens.slice(0, ended + 1);
      const given = tensor([begin, ...tokens.slice(0, 2)], [1, 3], "int32");
      const scores = rowsOf(network.read(parameters, given, undefined, evaluationContext()).logits.reshape([3, 4]));
      const log = kept.reduce((sum, token, t) => sum + logSoftmax(scores[t])[token], 0);
      if (log > best.log) best = { log, tokens: [...kept, pad, pad].slice(0, 3) };
    }
    expect(one.network.vocabulary).toBe(4);
    expect(numbersOf(found.tokens)).toEqual(best.tokens);
    expect(numbersOf(found.logProb)[0]).toBeCloseTo(best.log, 4);
  });
});

test("transformers keep what they read in blocks, recurrent networks do not", () => {
  const sizeOfBlocks = (name: string) => steppingOf(cases[name], { inBlocks: true }).blocks?.size;
  expect([sizeOfBlocks("learned positions"), sizeOfBlocks("pointer over a transformer")]).toEqual([4, 4]);
  expect(sizeOfBlocks("lstm")).toBeUndefined();
});

describe("prompts", () => {
  const one = cases["learned positions"];
  test("stand at the beginning, and what follows is drawn after them", () => {
    const prompt = tensor([5, 3, -1, 4, -1, -1, -1, -1, -1], [batch, 3], "int32");
    const { tokens } = generate(steppingOf(one), batch, key, { ...usual, temperature: 0 }, prompt);
    const made = rowsOf(tokens);
    expect([made[0].slice(0, 2), made[1][0]]).toEqual([[5, 3], 4]);
    const next = logitsOf(one, [[begin, 5, 3], [begin, 5, 3], [begin, 5, 3]])[0][2]; // biome-ignore format: short
    expect(made[0][2]).toBe(next.indexOf(Math.max(...next)));
  });
  test("longer than what is made are refused", () => {
    const prompt = tensor(Array.from({ length: 7 }, () => 3), [1, 7], "int32"); // biome-ignore format: short
    expect(() => generate(steppingOf(one, { rows: 1 }), 1, key, usual, prompt)).toThrow("a prompt of 7 tokens");
  });
});

describe("drawing", () => {
  const one = cases["learned positions"];
  const draw = (options: Partial<GenerateOptions>, seed = 3): number[] =>
    numbersOf(generate(steppingOf(one), batch, constantKey(keyFromSeed(seed)), { ...usual, ...options }).tokens);

  test("differs by the key, is the same for the same, and with one of k is greedy", () => {
    const hot = { temperature: 2 };
    expect(draw(hot, 1)).toEqual(draw(hot, 1));
    expect(draw(hot, 1)).not.toEqual(draw(hot, 2));
    expect(draw({ temperature: 1, topK: 1 })).toEqual(draw({}));
    expect(draw({ temperature: 1, topP: 0.001 })).toEqual(draw({}));
  });
  test("never makes what it must not", () => {
    const made = draw({ temperature: 5, never: [pad, begin, 3, 4], end: undefined as never });
    expect(made.every((token) => [2, 5, 6].includes(token))).toBe(true);
  });
});

describe("padding", () => {
  test.each([
    "transformer with memory",
    "lstm, attention after",
    "lstm, attention before",
    "pointer over a transformer",
    "pointer with coverage over an lstm",
  ])("of the source changes nothing: %s", (name) => {
    const { network, parameters } = cases[name];
    const encoder = name.includes("lstm")
      ? lstmEncoder({ ...read, vocabulary, inputs: 5, hidden: 4, layers: 1 })
      : tokenEncoder({ ...shape, ...read, positions: "sinusoidal" });
    const own = opinionated(encoder.init(key)) as never;
    const logits = (numbers: readonly number[]): number[] => {
      const batchOf = { source: tensor(numbers, [1, numbers.length], "int32") };
      const memory = encoder.encode(own, batchOf, evaluationContext());
      return numbersOf(
        network.read(parameters, tensor([1, 3, 4], [1, 3], "int32"), memory, evaluationContext()).logits,
      );
    };
    const short = logits([3, 4]);
    logits([3, 4, pad, pad]).forEach((number, i) => {
      expect(number).toBeCloseTo(short[i], 4);
    });
    expect(logits([3, 4, 5, pad])).not.toEqual(short);
  });
});
