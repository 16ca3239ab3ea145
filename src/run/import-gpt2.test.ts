import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { foldKey, keyFromSeed, randomUniform, sizeOf } from "../core/base/index.ts";
import { createCpuBackend } from "../platform/node/index.ts";
import { encodeSafetensors } from "./checkpoint/index.ts";
import { byteTokenizer, saveTokenizer } from "./data/index.ts";
import { importGpt2 } from "./import-gpt2.ts";
import { createModel } from "./model.ts";
import { openRun, uploadWeights } from "./opened-run.ts";

/** A tiny GPT-2 in the format of the published ones, with random weights. */
const sizes = { vocabulary: 257, places: 9, width: 8, heads: 2, layers: 2 };
const config = {
  model_type: "gpt2",
  vocab_size: sizes.vocabulary,
  n_positions: sizes.places,
  n_embd: sizes.width,
  n_layer: sizes.layers,
  n_head: sizes.heads,
  activation_function: "gelu_new",
};

type Numbers = readonly (readonly number[])[];

const { width, heads } = sizes;
const shapes: Readonly<Record<string, readonly number[]>> = {
  "wte.weight": [sizes.vocabulary, width],
  "wpe.weight": [sizes.places, width],
  "ln_f.weight": [width],
  "ln_f.bias": [width],
  ...Object.fromEntries(
    Array.from({ length: sizes.layers }, (_, i) => [
      [`h.${i}.ln_1.weight`, [width]],
      [`h.${i}.ln_1.bias`, [width]],
      [`h.${i}.attn.bias`, [1, 1, sizes.places, sizes.places]],
      [`h.${i}.attn.c_attn.weight`, [width, 3 * width]],
      [`h.${i}.attn.c_attn.bias`, [3 * width]],
      [`h.${i}.attn.c_proj.weight`, [width, width]],
      [`h.${i}.attn.c_proj.bias`, [width]],
      [`h.${i}.ln_2.weight`, [width]],
      [`h.${i}.ln_2.bias`, [width]],
      [`h.${i}.mlp.c_fc.weight`, [width, 4 * width]],
      [`h.${i}.mlp.c_fc.bias`, [4 * width]],
      [`h.${i}.mlp.c_proj.weight`, [4 * width, width]],
      [`h.${i}.mlp.c_proj.bias`, [width]],
    ]).flat(),
  ),
};
const tensors = Object.fromEntries(
  Object.entries(shapes).map(([name, shape], i) => {
    const key = foldKey(keyFromSeed(3), i);
    const data = Float32Array.from({ length: sizeOf(shape) }, (_, at) => randomUniform(key, at) - 0.5);
    return [name, { dtype: "float32" as const, shape, data }];
  }),
);

/** Logits of each place by the definition, in float64: nothing is shared with what is tested. */
function logitsOf(tokens: readonly number[]): Numbers {
  const at = (name: string, i: number, j = 0): number => {
    const { shape, data } = tensors[name];
    return data[shape.length > 1 ? i * shape[1] + j : i];
  };
  const affine = (x: Numbers, name: string): Numbers =>
    x.map((row) =>
      Array.from({ length: shapes[`${name}.bias`][0] }, (_, j) =>
        row.reduce((sum, value, i) => sum + value * at(`${name}.weight`, i, j), at(`${name}.bias`, j)),
      ),
    );
  const norm = (x: Numbers, name: string): Numbers =>
    x.map((row) => {
      const mean = row.reduce((sum, value) => sum + value, 0) / width;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
      return row.map(
        (v, i) => ((v - mean) / Math.sqrt(variance + 1e-5)) * at(`${name}.weight`, i) + at(`${name}.bias`, i),
      );
    });
  const plus = (x: Numbers, y: Numbers): Numbers => x.map((row, t) => row.map((value, i) => value + y[t][i]));
  const attend = (x: Numbers, name: string): Numbers => {
    const mixed = affine(x, `${name}.c_attn`);
    const size = width / heads;
    const rows = mixed.map((own, t) =>
      Array.from({ length: heads }, (_, h) => {
        const part = (row: readonly number[], which: number): readonly number[] =>
          row.slice(which * width + h * size, which * width + (h + 1) * size);
        const scores = mixed.slice(0, t + 1).map((other) => {
          return part(own, 0).reduce((sum, value, i) => sum + value * part(other, 1)[i], 0) / Math.sqrt(size);
        });
        const powers = scores.map(Math.exp);
        const total = powers.reduce((sum, value) => sum + value, 0);
        return Array.from({ length: size }, (_, i) =>
          powers.reduce((sum, value, s) => sum + (value / total) * part(mixed[s], 2)[i], 0),
        );
      }).flat(),
    );
    return affine(rows, `${name}.c_proj`);
  };
  const gelu = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
  let x: Numbers = tokens.map((token, t) =>
    Array.from({ length: width }, (_, i) => at("wte.weight", token, i) + at("wpe.weight", t, i)),
  );
  for (let i = 0; i < sizes.layers; i++) {
    x = plus(x, attend(norm(x, `h.${i}.ln_1`), `h.${i}.attn`));
    const hidden = affine(norm(x, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`).map((row) => row.map(gelu));
    x = plus(x, affine(hidden, `h.${i}.mlp.c_proj`));
  }
  const last = norm(x, "ln_f");
  return last.map((row) =>
    Array.from({ length: sizes.vocabulary }, (_, token) =>
      row.reduce((sum, value, i) => sum + value * at("wte.weight", token, i), 0),
    ),
  );
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "galatea-gpt2-"));
  await writeModel("model", {});
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function writeModel(
  name: string,
  { own = config, prefix = "", left = tensors }: { own?: unknown; prefix?: string; left?: Partial<typeof tensors> },
): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "config.json"), JSON.stringify(own));
  await saveTokenizer(byteTokenizer({ specialTokens: ["end"] }), join(path, "tokenizer.json"));
  const named = Object.fromEntries(Object.entries(left).map(([key, tensor]) => [prefix + key, tensor]));
  await writeFile(join(path, "model.safetensors"), Buffer.concat([...encodeSafetensors(named as typeof tensors, {})]));
  return path;
}

test.each(["", "transformer."])("a GPT-2 with names %j computes what it is defined to", async (prefix) => {
  const source = await writeModel(`model-${prefix}`, { prefix });
  const { directory, parameterCount } = await importGpt2(source, join(folder, `run-${prefix}`));
  // All but the masks.
  const masks = sizes.layers * sizes.places ** 2;
  expect(parameterCount).toBe(Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0) - masks);
  const run = await openRun(directory, () => Promise.reject(new Error("no preset file")));
  const backend = await createCpuBackend({ threads: 1 });
  const model = createModel(backend, run.family);
  try {
    const parameters = await uploadWeights(backend, run);
    const tokens = [72, 105, 0, 256, 33, 33, 200, 7, 99, 15];
    const batch = { tokens: { dtype: "int32", shape: [1, 10], data: Int32Array.from(tokens) } } as const;
    const scores = await model.score?.(parameters, batch, [0, 0]);
    const logits = logitsOf(tokens.slice(0, -1));
    const nats = logits.map((row, t) => {
      return Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[tokens[t + 1]];
    });
    const sum = nats.reduce((total, value) => total + value, 0);
    expect(Number(scores?.negativeLogLikelihood.data[0])).toBeCloseTo(sum, 3);
    const { encode, decode } = run.tokenizers.tokens;
    expect(decode(encode("Hi"))).toBe("Hi");
  } finally {
    await model.dispose();
    await backend.dispose();
  }
});

test.each([
  [
    "another network",
    { own: { ...config, model_type: "llama" } },
    'config.json: model_type: Invalid input: expected "gpt2"',
  ],
  ["other scales", { own: { ...config, layer_norm_epsilon: 1e-6 } }, "layer_norm_epsilon"],
  ["fewer layers than it says", { own: { ...config, n_layer: 3 } }, "nothing in it becomes blocks.2"],
  ["another width", { own: { ...config, n_inner: 16 } }, "blocks.0.linear1.weight is float32[32, 8]; float32[16, 8]"],
  [
    "fewer tokens than the tokenizer",
    { own: { ...config, vocab_size: 100 } },
    "the tokenizer has 257 tokens, the model 100",
  ],
  [
    "a tensor too many",
    { left: { ...tensors, "h.0.ln_9.weight": tensors["ln_f.weight"] } },
    "h.0.ln_9.weight is none of a GPT-2",
  ],
])("%s is refused, and nothing is left behind", async (name, options, message) => {
  const source = await writeModel(name.replaceAll(" ", "-"), options);
  const directory = join(folder, "refused");
  await expect(importGpt2(source, directory)).rejects.toThrow(message);
  await expect(openRun(directory, () => Promise.reject(new Error("none")))).rejects.toThrow("holds no run");
});

test("a folder without the files, and a directory that holds a run, are said", async () => {
  await expect(importGpt2(folder, join(folder, "none"))).rejects.toThrow("config.json");
  const directory = join(folder, "twice");
  await importGpt2(join(folder, "model"), directory);
  await expect(importGpt2(join(folder, "model"), directory)).rejects.toThrow("holds a run; choose another --out");
});
