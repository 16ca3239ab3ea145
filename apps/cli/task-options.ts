/** The commands that work on images with a trained run, as data. Imports next to nothing, because `galatea --help` waits for
 * it. */

import type { CommandSpec, OptionSpec } from "./option-spec.ts";
import { computing, data, json, run, seed } from "./shared-options.ts";

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

export const inspectCommand = {
  name: "inspect",
  summary: "see where a trained run looks and what its gates do, as pictures and numbers",
  arguments: [run],
  options: [
    {
      name: "condition",
      flag: "--condition",
      type: "pairs",
      value: "key=value",
      description: "what the model is told, such as text=... or image=...; default: the first test examples",
    },
    {
      name: "target",
      flag: "--target",
      type: "text",
      value: "text",
      description: "what it reads as its answer; default: its own",
    },
    { ...data, description: "data set whose test examples are taken where nothing is told; default: the run's" },
    {
      name: "count",
      flag: "-n",
      type: "integer",
      value: "N",
      minimum: 1,
      maximum: 1024,
      default: 4,
      description: "test examples, where nothing is told",
    },
    { name: "out", flag: "--out", type: "text", value: "folder", description: "default: inspect in the run" },
    { ...seed, maximum: Number.MAX_SAFE_INTEGER, default: 0, description: "where random numbers start" },
    ...computing,
    json,
  ],
  examples: [
    "galatea inspect runs/translate-transformer-1 --condition text=seven",
    "galatea inspect runs/caption-attention-1 --condition image=photo.jpg",
    "galatea inspect runs/text-gpt-1 -n 2",
  ],
} as const satisfies CommandSpec;
