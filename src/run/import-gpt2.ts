/** GPT-2 as others publish it, as a run of `text/gpt`: a folder with config.json, model.safetensors and tokenizer.json. */

import { join } from "node:path";
import { z } from "zod";
import { formatShape, GalateaError, leavesOf, sameShape, type TensorType } from "../core/index.ts";
import { decodeSafetensors, type NamedTensors, type SavedTensor, writeCheckpoint } from "./checkpoint/index.ts";
import { openTokenizer, saveTokenizer, type Vocabulary } from "./data/index.ts";
import { galateaVersion, holdsRun, runPaths, writeRunRecord } from "./directory.ts";
import { readBytes } from "./files.ts";
import { parameterTypes } from "./model.ts";
import { findPreset, parseConfig } from "./presets/index.ts";

const activations = { gelu: "gelu", gelu_new: "geluTanh", gelu_pytorch_tanh: "geluTanh", relu: "relu", silu: "silu" };

/** What of a config.json decides the network; what we could not compute is refused. */
const configSchema = z.object({
  model_type: z.literal("gpt2"),
  vocab_size: z.int().min(1),
  n_positions: z.int().min(2),
  n_embd: z.int().min(1),
  n_layer: z.int().min(1),
  n_head: z.int().min(1),
  n_inner: z.int().min(1).nullish(),
  activation_function: z.enum(Object.keys(activations) as (keyof typeof activations)[]).default("gelu_new"),
  layer_norm_epsilon: z.literal(1e-5).default(1e-5),
  scale_attn_weights: z.literal(true).default(true),
  scale_attn_by_inverse_layer_idx: z.literal(false).default(false),
  tie_word_embeddings: z.boolean().default(true),
});

export interface ImportedModel {
  readonly directory: string;
  readonly parameterCount: number;
}

/**
 * Makes a run of a folder that holds a GPT-2: sampled, judged and trained on like any other.
 *
 * Parameters keep their numbers; matrices, which GPT-2 keeps as [inputs, outputs], are turned.
 * @throws GalateaError `checkpoint` when a file is missing or damaged, the network is another one, or a tensor is missing
 *   or of another shape; `usage` when the directory holds a run.
 *
 * Source: Radford et al., "Language models are unsupervised multitask learners" (2019); names as in Hugging Face's
 * transformers.
 */
export async function importGpt2(folder: string, directory: string): Promise<ImportedModel> {
  if (await holdsRun(directory)) throw new GalateaError("usage", directory, "holds a run", "choose another --out");
  const shape = await readConfig(join(folder, "config.json"));
  const tokenizer = await openTokenizer(join(folder, "tokenizer.json"));
  if (tokenizer.size > shape.vocab_size) {
    const seen = `the tokenizer has ${tokenizer.size} tokens, the model ${shape.vocab_size}`;
    throw new GalateaError("checkpoint", folder, seen, "files of one model");
  }
  const preset = findPreset("text/gpt");
  const config = parseConfig(preset.schema, {
    places: shape.n_positions,
    positions: "learned",
    width: shape.n_embd,
    hidden: shape.n_inner ?? 0,
    depth: shape.n_layer,
    heads: shape.n_head,
    activation: activations[shape.activation_function],
    tied: shape.tie_word_embeddings,
    tokenizer: "tokenizer.json",
  });
  const vocabulary: Vocabulary = { ...tokenizer.specialTokens, size: shape.vocab_size };
  const fields = { tokens: { dtype: "int32", shape: [shape.n_positions + 1] } } as const;
  const family = preset.build(config, { name: folder, fields, vocabularies: { tokens: vocabulary } });
  const path = join(folder, "model.safetensors");
  const renamed = renameTensors(path, decodeSafetensors(await readBytes("checkpoint", path), path).tensors);
  const parameters = chooseTensors(path, parameterTypes(family), renamed);
  await saveTokenizer(tokenizer, join(runPaths(directory).tokenizers, "tokens.json"));
  await writeCheckpoint(runPaths(directory).checkpoints, { step: 0, groups: { parameters }, metadata: {} });
  await writeRunRecord(directory, {
    galatea: galateaVersion,
    preset: preset.name,
    data: {
      // It brings no data: whoever judges it names some.
      source: folder,
      name: folder,
      train: 0,
      validation: 0,
      test: 0,
      fields: { tokens: { dtype: "int32", shape: [...fields.tokens.shape] } },
      vocabularies: { tokens: vocabulary },
    },
    config,
    backend: "cpu",
    threads: 1,
  });
  const parameterCount = Object.values(parameters).reduce((sum, { data }) => sum + data.length, 0);
  return { directory, parameterCount };
}

async function readConfig(path: string): Promise<z.output<typeof configSchema>> {
  const text = new TextDecoder().decode(await readBytes("checkpoint", path));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GalateaError("checkpoint", path, "is no valid JSON", "the config.json of a GPT-2", { cause });
  }
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path: at, message } = parsed.error.issues[0];
  throw new GalateaError("checkpoint", path, `${at.join(".")}: ${message}`, "the config.json of a GPT-2");
}

/** Our name of each tensor, and whether it is turned; what is no parameter has none. */
const names: readonly (readonly [RegExp, string, boolean])[] = [
  [/^wte\.weight$/, "tokens.weight", false],
  [/^wpe\.weight$/, "positions.weight", false],
  [/^ln_f\.(weight|bias)$/, "norm.$1", false],
  [/^lm_head\.weight$/, "head.weight", false],
  [/^h\.(\d+)\.ln_1\.(weight|bias)$/, "blocks.$1.norm1.$2", false],
  [/^h\.(\d+)\.ln_2\.(weight|bias)$/, "blocks.$1.norm2.$2", false],
  [/^h\.(\d+)\.attn\.c_attn\.weight$/, "blocks.$1.self_attn.in_proj_weight", true],
  [/^h\.(\d+)\.attn\.c_attn\.bias$/, "blocks.$1.self_attn.in_proj_bias", false],
  [/^h\.(\d+)\.attn\.c_proj\.weight$/, "blocks.$1.self_attn.out_proj.weight", true],
  [/^h\.(\d+)\.attn\.c_proj\.bias$/, "blocks.$1.self_attn.out_proj.bias", false],
  [/^h\.(\d+)\.mlp\.c_fc\.weight$/, "blocks.$1.linear1.weight", true],
  [/^h\.(\d+)\.mlp\.c_fc\.bias$/, "blocks.$1.linear1.bias", false],
  [/^h\.(\d+)\.mlp\.c_proj\.weight$/, "blocks.$1.linear2.weight", true],
  [/^h\.(\d+)\.mlp\.c_proj\.bias$/, "blocks.$1.linear2.bias", false],
];

/** Masks that older files carry along. */
const noParameter = /\.attn\.(masked_)?bias$/;

function renameTensors(path: string, tensors: NamedTensors): NamedTensors {
  const renamed = Object.entries(tensors).flatMap(([full, tensor]): [string, SavedTensor][] => {
    const name = full.replace(/^transformer\./, "");
    if (noParameter.test(name)) return [];
    const rule = names.find(([pattern]) => pattern.test(name));
    if (!rule) throw new GalateaError("checkpoint", path, `the tensor ${full} is none of a GPT-2`);
    const [pattern, own, isTurned] = rule;
    return [[name.replace(pattern, own), isTurned ? turn(tensor) : tensor]];
  });
  return Object.fromEntries(renamed);
}

/** [inputs, outputs] -> [outputs, inputs]. */
function turn({ dtype, shape, data }: SavedTensor): SavedTensor {
  if (shape.length !== 2 || !(data instanceof Float32Array)) return { dtype, shape, data };
  const [rows, columns] = shape;
  const turned = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) turned[j * rows + i] = data[i * columns + j];
  return { dtype, shape: [columns, rows], data: turned };
}

/** The tensors that the network has; a model whose tables are one may carry the table twice. */
function chooseTensors(path: string, types: ReturnType<typeof parameterTypes>, tensors: NamedTensors): NamedTensors {
  const chosen = leavesOf<TensorType>(types).map(({ path: name, value: { dtype, shape } }) => {
    const found = tensors[name];
    const right = `${dtype}${formatShape(shape)}`;
    if (!found) throw new GalateaError("checkpoint", path, `nothing in it becomes ${name}`, right);
    if (found.dtype !== dtype || !sameShape(found.shape, shape)) {
      throw new GalateaError("checkpoint", path, `${name} is ${found.dtype}${formatShape(found.shape)}`, right);
    }
    return [name, found] as const;
  });
  return Object.fromEntries(chosen);
}
