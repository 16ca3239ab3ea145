/** What samples shall be: conditions and controls of a family, from texts or by default. */

import { closest } from "fastest-levenshtein";
import { GalateaError, sizeOf } from "../core/index.ts";
import type { Family } from "../learn/models/index.ts";
import type { Tokenizer, Tokenizers } from "./data/index.ts";
import type { HostBatch, HostRequest } from "./model.ts";

/** Conditions and controls that were asked for; what was not is left to the family. */
export interface Wishes {
  /** Of each example the same: a number, or tokens. */
  readonly conditions: Readonly<Record<string, number | readonly number[]>>;
  readonly controls: Readonly<Record<string, number>>;
}

/** The number that a condition with classes was asked for. */
export function askedClass({ conditions }: Wishes, name: string): number | undefined {
  const told = conditions[name];
  return typeof told === "number" ? told : undefined;
}

export const noWishes: Wishes = { conditions: {}, controls: {} };

type Steerable = Pick<Family, "name" | "conditions" | "controls">;

/**
 * Reads `key=value` pairs as the command line gives them. A class is told by its name or its number.
 * @param classes names of the classes
 * @param tokenizers of conditions that are texts; a single one is also called \`text\`
 * @throws GalateaError `usage` naming what the family can be told.
 */
export function parseWishes(
  family: Steerable,
  pairs: readonly string[],
  classes: readonly string[] = [],
  tokenizers: Tokenizers = {},
): Wishes {
  const conditions: Record<string, number | readonly number[]> = {};
  const fields = Object.keys(family.conditions ?? {}).filter((name) => tokenizers[name]);
  const controls: Record<string, number> = {};
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    const [name, text] = [pair.slice(0, at), pair.slice(at + 1)];
    const field = fields.length === 1 && name === "text" ? fields[0] : name;
    if (fields.includes(field)) conditions[field] = readTokens(family, field, text, tokenizers[field]);
    else if (Object.hasOwn(family.conditions ?? {}, name)) conditions[name] = readClass(family, name, text, classes);
    else if (Object.hasOwn(family.controls ?? {}, name)) controls[name] = readControl(family, name, text);
    else throw unknownWish(family, name, fields);
  }
  return { conditions, controls };
}

/** @param texts conditions that are texts; a single one goes by that name */
function unknownWish(family: Steerable, name: string, texts: readonly string[]): GalateaError {
  const conditions = Object.keys(family.conditions ?? {});
  const told = texts.length === 1 ? conditions.map((own) => (own === texts[0] ? "text" : own)) : conditions;
  const names = [...told, ...Object.keys(family.controls ?? {})];
  if (names.length === 0) {
    return new GalateaError("usage", "--condition", `a ${family.name} cannot be told what to make`, "leave it out");
  }
  const right = `did you mean ${closest(name, names)}? It can be told ${names.join(", ")}`;
  return new GalateaError("usage", "--condition", `a ${family.name} has no ${name}`, right);
}

function readClass(family: Steerable, name: string, text: string, classes: readonly string[]): number {
  const count = family.conditions?.[name].classes ?? 0;
  const index = classes.includes(text) ? classes.indexOf(text) : Number(text === "" ? Number.NaN : text);
  if (Number.isInteger(index) && index >= 0 && index < count) return index;
  const right =
    classes.length > 0 ? `it is one of ${classes.join(", ")}, or a number from 0 to ${count - 1}` : `0 to ${count - 1}`;
  throw new GalateaError("usage", `--condition ${name}`, `got ${text}`, right);
}

/** A text as the tokens that the model is told. */
function readTokens(family: Steerable, name: string, text: string, tokenizer: Tokenizer): readonly number[] {
  const { shape: [most] = [0], optional } = family.conditions?.[name] ?? { shape: [0] };
  const encoded = tokenizer.encode(text);
  if (encoded.length === 0) {
    throw new GalateaError("usage", `--condition ${name}`, "got an empty text", "leave it out, or give some text");
  }
  const { end } = tokenizer.specialTokens;
  // What is told as a whole ends as it does in training; what may be left out is a beginning, and goes on.
  const tokens = optional === undefined && end !== undefined ? [...encoded, end] : encoded;
  if (tokens.length <= most) {
    const filling = optional ?? tokenizer.specialTokens.pad ?? 0;
    return Array.from({ length: most }, (_, i) => tokens[i] ?? filling);
  }
  const right = `the model reads ${most} at most: give a shorter text`;
  throw new GalateaError("usage", `--condition ${name}`, `got ${tokens.length} tokens`, right);
}

function readControl(family: Steerable, name: string, text: string): number {
  const { minimum = 0, maximum = 0, whole } = family.controls?.[name] ?? {};
  const value = Number(text === "" ? Number.NaN : text);
  if (value >= minimum && value <= maximum && (!whole || Number.isInteger(value))) return value;
  const right = `it must be a ${whole ? "whole " : ""}number from ${minimum} to ${maximum}`;
  throw new GalateaError("usage", `--condition ${name}`, `got ${text}`, right);
}

/**
 * A request for samples. Classes that nobody asked for take turns: 0, 1, ... from `first` on.
 * @param first number of the first sample, where samples are made in parts
 */
export function sampleRequest(family: Steerable, count: number, wishes: Wishes = noWishes, first = 0): HostRequest {
  const conditions: Record<string, HostBatch[string]> = {};
  for (const [name, { dtype, shape, classes = 1, optional }] of Object.entries(family.conditions ?? {})) {
    const told = wishes.conditions[name];
    if (dtype === "int32" && (optional !== undefined || Array.isArray(told))) {
      const size = sizeOf(shape);
      const own = Array.isArray(told) ? told : undefined;
      const data = Int32Array.from({ length: count * size }, (_, i) => own?.[i % size] ?? optional ?? 0);
      conditions[name] = { dtype, shape: [count, ...shape], data };
      continue;
    }
    if (dtype !== "int32" || shape.length > 0) {
      const right = dtype === "int32" ? "say --condition text=..." : "use galatea style";
      throw new GalateaError("usage", name, "samples must be told it", right);
    }
    const wanted = Array.isArray(told) ? undefined : (told as number | undefined);
    const data = Int32Array.from({ length: count }, (_, i) => wanted ?? (first + i) % classes);
    conditions[name] = { dtype, shape: [count], data };
  }
  const controls = Object.entries(family.controls ?? {}).map(([name, control]) => {
    return [name, wishes.controls[name] ?? control.default] as const;
  });
  return { count, conditions, controls: Object.fromEntries(controls) };
}
