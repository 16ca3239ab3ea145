/** The command line as data: every command, argument and option, once. Flags, help and validation come
 * from this table (see program.ts); the shapes of parsed values are inferred from it.
 *
 * Imports next to nothing, because `galatea --help` waits for it. */

import type { CommandSpec } from "./option-spec.ts";
import { computing, data, json, pairsOf, run, seed, threads } from "./shared-options.ts";
import {
  anomalyCommand,
  augmentCommand,
  denoiseCommand,
  inpaintCommand,
  inspectCommand,
  interpolateCommand,
  styleCommand,
} from "./task-options.ts";

export const trainCommand = {
  name: "train",
  summary: "train a model, or go on with --resume",
  arguments: [
    { name: "preset", description: "a preset's name, or a config file (.ts, .mts, .js, .mjs)", required: true },
  ],
  options: [
    { ...data, description: "data set by name, or a file or folder; default: the preset's own" },
    {
      name: "out",
      flag: "--out",
      type: "text",
      value: "run",
      description: "folder of the run; default: runs/<preset>-<n>, the next that is free",
    },
    {
      name: "steps",
      flag: "--steps",
      type: "integer",
      value: "N",
      minimum: 1,
      maximum: 1e9,
      description: "training steps, short for --set steps=N",
    },
    { ...seed, maximum: Number.MAX_SAFE_INTEGER, description: "where all random numbers start, --set seed=N" },
    { ...pairsOf, description: "set an option of the preset; `galatea presets <preset>` lists them" },
    { name: "resume", flag: "--resume", type: "switch", description: "go on with a run that exists" },
    {
      name: "backend",
      flag: "--backend",
      type: "choice",
      value: "name",
      choices: ["cpu", "webgpu", "cuda"],
      description: "what computes; default: cpu, or what the run that goes on was made with",
    },
    { ...threads, description: "threads of the CPU backend; default: as many as there are cores" },
    { ...json, description: "print every event as one JSON object a line; progress goes to stderr" },
  ],
  examples: [
    "galatea train digits/vae",
    "galatea train digits/conv-vae --data ./photos --steps 2000 --set latent=32",
    "galatea train digits/vae --out runs/mine --resume",
  ],
} as const satisfies CommandSpec;

export const sampleCommand = {
  name: "sample",
  summary: "draw new examples from a trained run",
  arguments: [run],
  options: [
    {
      name: "count",
      flag: "-n",
      type: "integer",
      value: "N",
      minimum: 1,
      maximum: 65_536,
      description: "how many; default: 64 pictures, one answer, a few tunes",
    },
    { ...seed, maximum: Number.MAX_SAFE_INTEGER, default: 0, description: "where its random numbers start" },
    {
      name: "out",
      flag: "--out",
      type: "text",
      value: "file",
      description:
        "PNG file to write, of clips also .webp or .gif to see them move; default: samples/seed-<seed> in the run",
    },
    {
      name: "length",
      flag: "--length",
      type: "integer",
      value: "N",
      minimum: 1,
      maximum: 1e7,
      description: "of running text: one text of so many tokens, shown as it is written",
    },
    {
      name: "condition",
      flag: "--condition",
      type: "pairs",
      value: "key=value",
      description: "what the samples shall be, for models that can be told",
    },
    ...computing,
  ],
  examples: ["galatea sample runs/digits-vae-1 -n 64 --seed 7 --out grid.png"],
} as const satisfies CommandSpec;

export const evaluateCommand = {
  name: "evaluate",
  summary: "judge a trained run on data that it has not seen",
  arguments: [run],
  options: [
    { ...data, description: "data set by name, or a file or folder; default: what the run was trained on" },
    {
      name: "metrics",
      flag: "--metrics",
      type: "list",
      value: "a,b",
      description: "only these, or all; default: those that need neither samples nor another net",
    },
    {
      name: "samples",
      flag: "--samples",
      type: "integer",
      value: "N",
      minimum: 2,
      maximum: 1e6,
      default: 2000,
      description: "samples that are compared with the data, for metrics of samples",
    },
    {
      name: "condition",
      flag: "--condition",
      type: "pairs",
      value: "key=value",
      description: "how answers are made, such as beams=4, for metrics of answers",
    },
    {
      name: "features",
      flag: "--features",
      type: "text",
      value: "file.onnx",
      description: "net that gives features of images; default: a classifier trained on the data's labels, and kept",
    },
    {
      name: "featureRange",
      flag: "--feature-range",
      type: "choice",
      value: "name",
      choices: ["unit", "signed", "imagenet", "bytes"],
      default: "unit",
      description: "values that the net of --features reads: 0 to 1, -1 to 1, scaled as for ImageNet, 0 to 255",
    },
    {
      name: "featureOutput",
      flag: "--feature-output",
      type: "text",
      value: "name",
      description: "the net's output that holds features; needed where it has several",
    },
    ...computing,
    { ...json, description: 'end with one JSON object {"metrics": {name: value, ...}}' },
  ],
  examples: [
    "galatea evaluate runs/digits-vae-1",
    "galatea evaluate runs/digits-vae-1 --data ./photos --json",
    "galatea evaluate runs/digits-vae-1 --metrics fid,precision,recall --samples 10000",
  ],
} as const satisfies CommandSpec;

export const importCommand = {
  name: "import",
  summary: "make a run of a model that others have trained: GPT-2",
  arguments: [
    { name: "folder", description: "folder with config.json, model.safetensors and tokenizer.json", required: true },
  ],
  options: [
    { name: "out", flag: "--out", type: "text", value: "run", description: "folder of the run; default: runs/gpt2" },
  ],
  examples: ["galatea import ./gpt2 --out runs/gpt2"],
} as const satisfies CommandSpec;

export const presetsCommand = {
  name: "presets",
  summary: "list the presets, or the options of one",
  arguments: [{ name: "preset", description: "show this preset's options", required: false }],
  options: [json],
  examples: ["galatea presets", "galatea presets digits/vae"],
} as const satisfies CommandSpec;

export const dataListCommand = {
  name: "data list",
  summary: "list the named data sets and where each comes from",
  arguments: [],
  options: [json],
  examples: ["galatea data list"],
} as const satisfies CommandSpec;

export const dataGetCommand = {
  name: "data get",
  summary: "fetch a named data set, if it is not here yet",
  arguments: [{ name: "name", description: "one of `galatea data list`", required: true }],
  options: [],
  examples: ["galatea data get mnist"],
} as const satisfies CommandSpec;

export const doctorCommand = {
  name: "doctor",
  summary: "check this machine and this installation, or look inside a training step",
  arguments: [],
  options: [
    {
      name: "profile",
      flag: "--profile",
      type: "text",
      value: "preset",
      description: "show where a training step's time and memory go; a preset's name, or a config file",
    },
    { ...data, description: "for --profile: data set by name, or a file or folder; default: the preset's own" },
    { ...pairsOf, description: "for --profile: set an option of the preset" },
    {
      name: "steps",
      flag: "--steps",
      type: "integer",
      value: "N",
      minimum: 1,
      maximum: 10_000,
      description: "for --profile: steps to measure; default: 10",
    },
    { ...threads, description: "for --profile: threads of the CPU backend; default: as many as there are cores" },
    {
      name: "out",
      flag: "--out",
      type: "text",
      value: "file",
      description: "for --profile: PNG file to write; default: profile-<preset>.png",
    },
    {
      name: "onnx",
      flag: "--onnx",
      type: "text",
      value: "file",
      description: "for --profile: write the step's graph too, for Netron",
    },
    json,
  ],
  examples: ["galatea doctor", "galatea doctor --profile digits/vae --set batchSize=512 --onnx step.onnx"],
} as const satisfies CommandSpec;

export const commands = [
  trainCommand,
  sampleCommand,
  evaluateCommand,
  interpolateCommand,
  denoiseCommand,
  anomalyCommand,
  styleCommand,
  inpaintCommand,
  augmentCommand,
  importCommand,
  inspectCommand,
  presetsCommand,
  dataListCommand,
  dataGetCommand,
  doctorCommand,
] as const;

export type CommandName = (typeof commands)[number]["name"];

/** Commands with words in common, and what they are about. */
export const commandGroups: Readonly<Record<string, string>> = { data: "list or fetch data sets" };
