/** The command line as data: every command, argument and option, once. Flags, help and validation come
 * from this table (see program.ts); the shapes of parsed values are inferred from it.
 *
 * Imports next to nothing, because `galatea --help` waits for it. */

import { GalateaError } from "../../src/core/base/index.ts";

interface OptionBase {
  /** Key of the parsed value. */
  readonly name: string;
  /** As it is typed: `--steps`, `-n`. */
  readonly flag: string;
  readonly description: string;
}

export type OptionSpec = OptionBase &
  (
    | { readonly type: "switch" }
    | {
        readonly type: "integer";
        readonly value: string;
        readonly minimum: number;
        readonly maximum: number;
        readonly default?: number;
      }
    | { readonly type: "text"; readonly value: string }
    | {
        readonly type: "choice";
        readonly value: string;
        readonly choices: readonly string[];
        readonly default?: string;
      }
    /** Comma-separated. */
    | { readonly type: "list"; readonly value: string }
    /** May be given again and again. */
    | { readonly type: "pairs"; readonly value: "key=value" }
  );

export interface ArgumentSpec {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}

export interface CommandSpec {
  /** Words that select it: `train`, `data list`. */
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly string[];
}

type ValueOf<O extends OptionSpec> = O extends { type: "switch" }
  ? boolean
  : O extends { type: "integer" }
    ? O extends { default: number }
      ? number
      : number | undefined
    : O extends { type: "choice"; choices: readonly (infer Choice)[] }
      ? O extends { default: string }
        ? Choice
        : Choice | undefined
      : O extends { type: "list" }
        ? readonly string[] | undefined
        : O extends { type: "pairs" }
          ? readonly string[]
          : string | undefined;

/** What a command's options parse to. */
export type OptionValues<C extends CommandSpec> = {
  readonly [O in C["options"][number] as O["name"]]: ValueOf<O>;
};

/** What a command's arguments parse to; an optional one that was not given is `undefined`. */
export type ArgumentValues<C extends CommandSpec> = {
  readonly [A in C["arguments"][number] as A["name"]]: A extends { required: true } ? string : string | undefined;
};

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
      description: "PNG file to write; default: samples/seed-<seed>.png in the run",
    },
    {
      name: "condition",
      flag: "--condition",
      type: "pairs",
      value: "key=value",
      description: "what the samples shall be, for models that can be told",
    },
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
    { ...json, description: 'end with one JSON object {"metrics": {name: value, ...}}' },
  ],
  examples: [
    "galatea evaluate runs/digits-vae-1",
    "galatea evaluate runs/digits-vae-1 --data ./photos --json",
    "galatea evaluate runs/digits-vae-1 --metrics fid,precision,recall --samples 10000",
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
  presetsCommand,
  dataListCommand,
  dataGetCommand,
  doctorCommand,
] as const;

export type CommandName = (typeof commands)[number]["name"];

/** Commands with words in common, and what they are about. */
export const commandGroups: Readonly<Record<string, string>> = { data: "list or fetch data sets" };

/** Such as `a whole number from 1 to 1024`; nothing where any text will do. */
export function rangeOf(option: OptionSpec): string | undefined {
  switch (option.type) {
    case "integer": {
      const { minimum, maximum } = option;
      return `a whole number from ${minimum} to ${maximum === Number.MAX_SAFE_INTEGER ? "2^53 - 1" : maximum}`;
    }
    case "choice":
      return `one of ${option.choices.join(", ")}`;
    case "pairs":
      return "key=value";
    case "list":
      return "names with commas between";
    case "switch":
    case "text":
      return undefined;
  }
}

/** The option's line in the help. */
export function helpOf(option: OptionSpec): string {
  const range = option.type === "integer" || option.type === "choice" ? rangeOf(option) : undefined;
  const standard = "default" in option ? `default ${option.default}` : undefined;
  const repeated = option.type === "pairs" ? "repeatable" : undefined;
  const facts = [range, standard, repeated].filter((fact) => fact !== undefined);
  return facts.length === 0 ? option.description : `${option.description} (${facts.join("; ")})`;
}

/**
 * The value of an option from its text.
 * @param before what the same option gave earlier on the command line
 * @throws GalateaError `usage` naming the range.
 */
export function parseOption(option: OptionSpec, text: string, before?: unknown): unknown {
  const refuse = (): never => {
    throw new GalateaError("usage", option.flag, `got ${JSON.stringify(text)}`, `it must be ${rangeOf(option)}`);
  };
  switch (option.type) {
    case "integer": {
      const value = /^[+-]?\d+(e\d+)?$/i.test(text) ? Number(text) : Number.NaN;
      return value >= option.minimum && value <= option.maximum ? value : refuse();
    }
    case "choice":
      return option.choices.includes(text) ? text : refuse();
    case "list": {
      const names = text.split(",").map((name) => name.trim());
      return names.includes("") ? refuse() : names;
    }
    case "pairs":
      return /^[^=]+=/.test(text) ? [...((before as readonly string[] | undefined) ?? []), text] : refuse();
    case "text":
      if (text === "") throw new GalateaError("usage", option.flag, "got an empty text", `give it a ${option.value}`);
      return text;
    case "switch":
      return true;
  }
}

/** The value of an option that was not given. */
export function valueWhenAbsent(option: OptionSpec): unknown {
  if (option.type === "switch") return false;
  if (option.type === "pairs") return [];
  return "default" in option ? option.default : undefined;
}
