/** The command line as data: every command, argument and option, once. Flags, help and validation come
 * from this table (see program.ts); the shapes of parsed values are inferred from it.
 *
 * Imports next to nothing, because `galatea --help` waits for it. */

import type { CommandSpec, OptionSpec } from "./option-spec.ts";

const data = { name: "data", flag: "--data", type: "text", value: "path|name" } as const;
const seed = { name: "seed", flag: "--seed", type: "integer", value: "N", minimum: 0 } as const;
const pairsOf = { name: "set", flag: "--set", type: "pairs", value: "key=value" } as const;
const threads = {
  name: "threads",
  flag: "--threads",
  type: "integer",
  value: "N",
  minimum: 1,
  maximum: 1024,
} as const;
/** What computes, for commands that use a trained run. */
const computing = [
  {
    name: "backend",
    flag: "--backend",
    type: "choice",
    value: "name",
    choices: ["cpu", "webgpu", "cuda"],
    default: "cpu",
    description: "what computes",
  },
  { ...threads, description: "threads of the CPU backend; default: as many as there are cores" },
] as const satisfies readonly OptionSpec[];
const run = { name: "run", description: "folder of a trained run", required: true } as const;

const json = {
  name: "json",
  flag: "--json",
  type: "switch",
  description: "print the result as one JSON object",
} as const satisfies OptionSpec;

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
      default: 64,
      description: "how many",
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

/** What commands that work on images share. */
const images = [
  { ...data, description: "an image, a folder of them, or a data set, whose test split is taken; default: the run's" },
  {
    name: "limit",
    flag: "--limit",
    type: "integer",
    value: "N",
    minimum: 1,
    maximum: 1_000_000,
    description: "at most so many images; default: all of a folder, the first 64 of a data set",
  },
  {
    name: "out",
    flag: "--out",
    type: "text",
    value: "folder",
    description: "where results are written; default: a folder of the command's name in the run",
  },
  {
    name: "condition",
    flag: "--condition",
    type: "pairs",
    value: "key=value",
    description: "what the images show, for models that are told",
  },
  { ...seed, maximum: Number.MAX_SAFE_INTEGER, default: 0, description: "where random numbers start" },
  ...computing,
  json,
] as const satisfies readonly OptionSpec[];

export const denoiseCommand = {
  name: "denoise",
  summary: "take noise out of images with a trained run",
  arguments: [run],
  options: [
    ...images,
    {
      name: "noise",
      flag: "--noise",
      type: "number",
      value: "x",
      minimum: 0.001,
      maximum: 2,
      default: 0.2,
      description: "standard deviation of the noise, of values from 0 to 1",
    },
    {
      name: "judge",
      flag: "--judge",
      type: "switch",
      description: "the images are clean: add such noise first, and compare with them and with a median filter",
    },
  ],
  examples: [
    "galatea denoise runs/digits-denoising-vae-1 --data ./scans --noise 0.1",
    "galatea denoise runs/digits-diffusion-1 --judge --noise 0.3",
  ],
} as const satisfies CommandSpec;

export const anomalyCommand = {
  name: "anomaly",
  summary: "find images that are odd to a run trained on normal ones",
  arguments: [run],
  options: [
    ...images,
    {
      name: "normal",
      flag: "--normal",
      type: "list",
      value: "a,b",
      description:
        "labels of normal images, where the images are in sub-folders: the rest is taken for odd, and judged",
    },
  ],
  examples: [
    "galatea anomaly runs/digits-vae-1 --data ./parts",
    "galatea anomaly runs/digits-vae-1 --data ./parts --normal good",
  ],
} as const satisfies CommandSpec;

export const styleCommand = {
  name: "style",
  summary: "show images in the style of another domain",
  arguments: [run],
  options: [
    ...images,
    {
      name: "direction",
      flag: "--direction",
      type: "text",
      value: "name",
      description: "forward or backward; default: forward, from the first domain to the second",
    },
  ],
  examples: ["galatea style runs/style-cyclegan-1 --data ./summer --direction forward"],
} as const satisfies CommandSpec;

export const inpaintCommand = {
  name: "inpaint",
  summary: "fill in missing parts of images, or go on with clips",
  arguments: [run],
  options: [
    ...images,
    {
      name: "box",
      flag: "--box",
      type: "list",
      value: "left,top,width,height",
      description: "the missing part, in shares of the image from 0 to 1; default: 0.25,0.25,0.5,0.5",
    },
    {
      name: "mask",
      flag: "--mask",
      type: "text",
      value: "file",
      description: "an image that is black where pixels are missing, in place of --box",
    },
    {
      name: "frames",
      flag: "--frames",
      type: "integer",
      value: "N",
      minimum: 1,
      maximum: 4096,
      default: 2,
      description: "of clips: how many of the first frames are known",
    },
  ],
  examples: [
    "galatea inpaint runs/digits-diffusion-1 --box 0.5,0,0.5,1",
    "galatea inpaint runs/video-diffusion-1 --frames 2",
  ],
} as const satisfies CommandSpec;

export const interpolateCommand = {
  name: "interpolate",
  summary: "walk between two samples or two images, or towards an attribute",
  arguments: [run],
  options: [
    {
      name: "from",
      flag: "--from",
      type: "text",
      value: "seed|image",
      description: "where the way begins; default: 1",
    },
    { name: "to", flag: "--to", type: "text", value: "seed|image", description: "where it ends; default: 2" },
    {
      name: "toward",
      flag: "--toward",
      type: "text",
      value: "label",
      description: "from an image towards what examples of this label have and others lack, instead of --to",
    },
    { ...data, description: "for --toward: labelled examples; default: what the run was trained on" },
    {
      name: "count",
      flag: "-n",
      type: "integer",
      value: "N",
      minimum: 2,
      maximum: 1024,
      default: 12,
      description: "images on the way",
    },
    {
      name: "out",
      flag: "--out",
      type: "text",
      value: "file",
      description: "PNG file, or .webp for an animation; default: samples/way.png in the run",
    },
    {
      name: "condition",
      flag: "--condition",
      type: "pairs",
      value: "key=value",
      description: "what the images shall be, for models that can be told",
    },
    ...computing,
  ],
  examples: [
    "galatea interpolate runs/digits-dcgan-1 --from 3 --to 8",
    "galatea interpolate runs/digits-vae-1 --from a.png --to b.png --out way.webp",
  ],
} as const satisfies CommandSpec;

export const augmentCommand = {
  name: "augment",
  summary: "see whether generated images help a classifier that has few labelled ones",
  arguments: [run],
  options: [
    { ...data, description: "labelled images by name, or a file or folder; default: what the run was trained on" },
    {
      name: "perClass",
      flag: "--per-class",
      type: "integer",
      value: "N",
      minimum: 1,
      maximum: 1_000_000,
      default: 50,
      description: "real images of each class to learn from, the first of the training split",
    },
    {
      name: "added",
      flag: "--added",
      type: "integer",
      value: "M",
      minimum: 1,
      maximum: 100_000,
      default: 200,
      description: "generated images of each class",
    },
    {
      name: "seeds",
      flag: "--seeds",
      type: "integer",
      value: "K",
      minimum: 2,
      maximum: 100,
      default: 5,
      description: "pairs of classifiers, with and without generated images",
    },
    {
      name: "steps",
      flag: "--steps",
      type: "integer",
      value: "N",
      minimum: 1,
      maximum: 1_000_000,
      default: 400,
      description: "training steps of each classifier",
    },
    { ...seed, maximum: 2 ** 31, default: 0, description: "the first seed" },
    ...computing,
    json,
  ],
  examples: [
    "galatea augment runs/few --per-class 50 --added 200",
    "galatea augment runs/few --data digits#perClass=50 --seeds 10",
  ],
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
  presetsCommand,
  dataListCommand,
  dataGetCommand,
  doctorCommand,
] as const;

export type CommandName = (typeof commands)[number]["name"];

/** Commands with words in common, and what they are about. */
export const commandGroups: Readonly<Record<string, string>> = { data: "list or fetch data sets" };
