/** The configuration of a run: one table of typed options yields validation, help and docs. */

import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { GalateaError } from "../../core/index.ts";

/** The options that every preset has. */
export const sharedOptions = {
  steps: z.int().min(1).max(1e9).describe("training steps"),
  batchSize: z.int().min(1).max(65_536).describe("examples in a step"),
  learningRate: z.number().gt(0).max(10).describe("step size at its highest"),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe("where all random numbers start"),
  checkpointEvery: z.int().min(0).max(1e9).default(500).describe("steps between checkpoints; 0: only at the end"),
  sampleEvery: z.int().min(0).max(1e9).default(500).describe("steps between pictures of samples; 0: only at the end"),
  evaluateEvery: z.int().min(0).max(1e9).default(500).describe("steps between validations; 0: only at the end"),
  validationExamples: z.int().min(0).max(1e9).default(0).describe("validation examples that are judged; 0: all"),
  logEvery: z.int().min(1).max(1e9).default(10).describe("steps between lines of metrics.jsonl"),
  optimizer: z
    .enum(["adam", "adamw", "muon", "sgd"])
    .default("adam")
    .describe("update rule; muon: orthogonal steps of matrices, adamw for all else"),
  momentum: z.number().min(0).lt(1).default(0.9).describe("momentum of sgd and muon"),
  beta1: z.number().min(0).lt(1).default(0.9).describe("share of the mean gradient that adam and adamw keep"),
  beta2: z.number().min(0).lt(1).default(0.999).describe("share of the mean squared gradient that adam and adamw keep"),
  weightDecay: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("weight decay: decoupled for adamw and muon, L2 for adam and sgd"),
  schedule: z.enum(["constant", "cosine", "step"]).default("constant").describe("course of the learning rate"),
  warmupSteps: z.int().min(0).max(1e9).default(0).describe("steps over which the learning rate rises from 0"),
  rateFloor: z.number().min(0).max(1).default(0).describe("share of the learning rate at the end of schedule=cosine"),
  decayEvery: z.int().min(1).max(1e9).default(1000).describe("steps between drops, for schedule=step"),
  decayFactor: z.number().gt(0).max(1).default(0.5).describe("factor of a drop, for schedule=step"),
  clipNorm: z.number().min(0).max(1e9).default(0).describe("largest norm of the gradient; 0: no limit"),
  averageDecay: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe("decay of the averaged weights (EMA) used for samples; 0: none"),
} as const;

type SharedOptions = typeof sharedOptions;

type WithoutDefault<T extends z.ZodType> = T extends z.ZodDefault<infer Inner extends z.ZodType> ? Inner : T;

/** Some of the shared options with a preset's own defaults: `{ ...sharedOptions, ...sharedDefaults({ steps: 2000 }) }`. */
export function sharedDefaults<const D extends { readonly [K in keyof SharedOptions]?: z.output<SharedOptions[K]> }>(
  defaults: D,
): { readonly [K in keyof D & keyof SharedOptions]: z.ZodDefault<WithoutDefault<SharedOptions[K]>> } {
  const own = Object.entries(defaults).map(([name, value]) => {
    const option: z.ZodType = sharedOptions[name as keyof SharedOptions];
    const inner = option instanceof z.ZodDefault ? (option.unwrap() as z.ZodType) : option;
    return [name, inner.default(value as never).describe(option.description ?? "")];
  });
  return Object.fromEntries(own);
}

export type SharedConfig = z.output<z.ZodObject<typeof sharedOptions>>;

/** A schema of shared and own options, in which everything has a default. */
export type ConfigSchema<C extends SharedConfig = SharedConfig> = z.ZodType<C, unknown> & {
  readonly shape: Readonly<Record<string, z.ZodType>>;
};

/** One option as the help and the docs show it. */
export interface OptionDescription {
  readonly name: string;
  readonly description: string;
  /** Such as `a number above 0, at most 10`. */
  readonly range: string;
  readonly default: unknown;
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly items?: JsonSchema;
  readonly default?: unknown;
  readonly description?: string;
}

function describeRange(schema: JsonSchema): string {
  if (schema.enum) return `one of ${schema.enum.join(", ")}`;
  if (schema.type === "array") {
    const least = schema.minItems ? ` of at least ${schema.minItems}` : "";
    return `a list${least}, each ${describeRange(schema.items ?? {})}`;
  }
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "string") return "text";
  if (schema.type !== "number" && schema.type !== "integer") return `a ${schema.type ?? "value"}`;
  const bounds = [
    schema.minimum === undefined ? undefined : `at least ${schema.minimum}`,
    schema.exclusiveMinimum === undefined ? undefined : `above ${schema.exclusiveMinimum}`,
    schema.maximum === undefined || schema.maximum >= 1e9 ? undefined : `at most ${schema.maximum}`,
    schema.exclusiveMaximum === undefined ? undefined : `below ${schema.exclusiveMaximum}`,
  ].filter((bound) => bound !== undefined);
  const kind = schema.type === "integer" ? "a whole number" : "a number";
  return bounds.length > 0 ? `${kind} ${bounds.join(", ")}` : kind;
}

/** Every option of a schema, in the order in which it was written. */
export function describeOptions(schema: ConfigSchema): OptionDescription[] {
  return Object.entries(schema.shape).map(([name, option]) => {
    const json = z.toJSONSchema(option, { io: "input" }) as JsonSchema;
    return {
      name,
      description: json.description ?? "",
      range: describeRange(json),
      default: json.default,
    };
  });
}

/**
 * A complete configuration from given values.
 * @throws GalateaError `config` naming the nearest option where a key is unknown, and the range where a
 *   value is outside it.
 */
export function parseConfig<C extends SharedConfig>(
  schema: ConfigSchema<C>,
  given: Readonly<Record<string, unknown>>,
): C {
  const names = Object.keys(schema.shape);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const nearest = closest(name, names);
    throw new GalateaError("config", name, "no such option", `did you mean ${nearest}? All: ${names.join(", ")}`);
  }
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const name = String(result.error.issues[0].path[0]);
  const option = describeOptions(schema).find((candidate) => candidate.name === name);
  throw new GalateaError(
    "config",
    name,
    `is ${JSON.stringify(given[name])}`,
    `it must be ${option?.range ?? result.error.issues[0].message}`,
  );
}

/**
 * Reads `key=value` pairs as the command line gives them: JSON where it is valid JSON, else text; a list
 * may be written `400,200`.
 * @throws GalateaError `usage` where a pair has no `=`.
 */
export function parseAssignments(schema: ConfigSchema, pairs: readonly string[]): Record<string, unknown> {
  const values = pairs.map((pair) => {
    const at = pair.indexOf("=");
    if (at < 1) throw new GalateaError("usage", "--set", `got ${pair}`, "write key=value");
    const name = pair.slice(0, at);
    const text = pair.slice(at + 1);
    // A name may be any text, such as `constructor`.
    const option = Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined;
    const isList = option && (z.toJSONSchema(option, { io: "input" }) as JsonSchema).type === "array";
    return [name, isList && !text.startsWith("[") ? text.split(",").map(readValue) : readValue(text)] as const;
  });
  return Object.fromEntries(values);
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
