/** What samples shall be: conditions and controls of a family, from texts or by default. */

import { closest } from "fastest-levenshtein";
import { allocateHost, GalateaError, type HostArray, sizeOf } from "../core/index.ts";
import type { Condition, Family } from "../learn/models/index.ts";
import type { Dataset, Tellers, Tokenizer, Tokenizers, WindowOrigin } from "./data/index.ts";
import type { HostRequest } from "./model.ts";

/** Conditions and controls that were asked for; what was not is left to the family. */
export interface Wishes {
  /** Values by field of one example, or of several one after another: samples shall be of these in turn. */
  readonly conditions: Readonly<Record<string, HostArray>>;
  /** Of time series: what the numbers of these examples mean. */
  readonly origins?: readonly WindowOrigin[];
  readonly controls: Readonly<Record<string, number>>;
  /** What a person should know of what was understood, such as words that the model does not know. */
  readonly notes?: readonly string[];
  /** What was said, in words, by the condition's name. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** The number that a condition with classes was asked for. */
export function askedClass({ conditions }: Wishes, name: string): number | undefined {
  return conditions[name] && Number(conditions[name][0]);
}

export const noWishes: Wishes = { conditions: {}, controls: {} };

type Steerable = Pick<Family, "name" | "conditions" | "controls">;

/** How what a person says becomes conditions. */
export interface Telling {
  /** Names of the classes that a label counts into. */
  readonly classes?: readonly string[];
  /** Of conditions that are texts; a single one is also called `text`. */
  readonly tokenizers?: Tokenizers;
  /** Of conditions that are read from files and the like. */
  readonly tellers?: Tellers;
  /** What is done with texts that are longer than the model reads: refused where absent. */
  readonly longer?: "refuse" | "cut";
}

/**
 * Reads `key=value` pairs as the command line gives them. A class is told by its name or its number.
 * @throws GalateaError `usage` naming what the family can be told; `data` when a file that is named cannot be read.
 */
export async function parseWishes(family: Steerable, pairs: readonly string[], telling: Telling = {}): Promise<Wishes> {
  const { classes = [], tokenizers = {}, tellers = {}, longer = "refuse" } = telling;
  const said: Record<string, string> = {};
  const conditions: Record<string, HostArray> = {};
  const controls: Record<string, number> = {};
  const notes: string[] = [];
  const texts = textConditions(family, tokenizers);
  let origins: readonly WindowOrigin[] | undefined;
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    const [name, text] = [pair.slice(0, at), pair.slice(at + 1)];
    const field = texts.length === 1 && name === "text" ? texts[0] : name;
    if (Object.hasOwn(tellers, name) || texts.includes(field)) said[field] = text;
    if (Object.hasOwn(tellers, name)) {
      const told = await tellers[name].read(text, (note) => notes.push(note));
      Object.assign(conditions, told.fields);
      origins = told.origins ?? origins;
    } else if (texts.includes(field)) {
      conditions[field] = readTokens(name, text, tokenizers[field], {
        condition: family.conditions?.[field],
        longer,
        notes,
      });
      notes.push(...unknownParts(text, tokenizers[field]));
    } else if (isClass(family, name)) conditions[name] = readClass(family, name, text, classes);
    else if (Object.hasOwn(family.controls ?? {}, name)) controls[name] = readControl(family, name, text);
    else throw unknownWish(family, name, telling);
  }
  return {
    conditions,
    controls,
    ...(origins && { origins }),
    ...(notes.length > 0 && { notes }),
    ...(Object.keys(said).length > 0 && { texts: said }),
  };
}

/** Fields that are told as texts. */
function textConditions({ conditions = {} }: Steerable, tokenizers: Tokenizers): readonly string[] {
  return Object.keys(conditions).filter((name) => tokenizers[name]);
}

function isClass({ conditions = {} }: Steerable, name: string): boolean {
  return Object.hasOwn(conditions, name) && conditions[name].classes !== undefined;
}

/** What a family can be told by a person, by the names that it is told by. */
export function namesToTell(family: Steerable, { tokenizers = {}, tellers = {} }: Telling): readonly string[] {
  const texts = textConditions(family, tokenizers);
  const classes = Object.keys(family.conditions ?? {}).filter((name) => isClass(family, name));
  return [...new Set([...Object.keys(tellers), ...(texts.length === 1 ? ["text"] : texts), ...classes])];
}

/** What samples cannot do without and nobody said, by the name that a person would say it by. */
export function missingWish(family: Steerable, wishes: Wishes, telling: Telling): string | undefined {
  const untold = Object.entries(family.conditions ?? {}).find(
    ([name, condition]) =>
      condition.optional === undefined && condition.classes === undefined && !wishes.conditions[name],
  );
  if (!untold) return undefined;
  const names = namesToTell(family, telling).filter((name) => !isClass(family, name));
  return names.includes(untold[0]) ? untold[0] : names[0];
}

function unknownWish(family: Steerable, name: string, telling: Telling): GalateaError {
  const names = [...namesToTell(family, telling), ...Object.keys(family.controls ?? {})];
  if (names.length === 0) {
    return new GalateaError("usage", "--condition", `a ${family.name} cannot be told what to make`, "leave it out");
  }
  const right = `did you mean ${closest(name, names)}? It can be told ${names.join(", ")}`;
  return new GalateaError("usage", "--condition", `a ${family.name} has no ${name}`, right);
}

function readClass(family: Steerable, name: string, text: string, classes: readonly string[]): Int32Array {
  const count = family.conditions?.[name].classes ?? 0;
  const index = classes.includes(text) ? classes.indexOf(text) : Number(text === "" ? Number.NaN : text);
  if (Number.isInteger(index) && index >= 0 && index < count) return Int32Array.of(index);
  const right =
    classes.length > 0 ? `it is one of ${classes.join(", ")}, or a number from 0 to ${count - 1}` : `0 to ${count - 1}`;
  throw new GalateaError("usage", `--condition ${name}`, `got ${text}`, right);
}

interface Cutting {
  readonly condition: Condition | undefined;
  readonly longer: "refuse" | "cut";
  /** Gets a word about what was cut off. */
  readonly notes: string[];
}

/** A text as the tokens that the model is told. */
function readTokens(
  name: string,
  text: string,
  tokenizer: Tokenizer,
  { condition, longer, notes }: Cutting,
): Int32Array {
  const { shape: [most] = [0], optional } = condition ?? { shape: [0] };
  // What is told as a whole ends as it does in training; what may be left out is a beginning, and goes on.
  const ends = optional === undefined;
  const filling = ends ? {} : { filling: optional };
  return tokensOfText(`--condition ${name}`, text, tokenizer, { most, ends, longer, notes, ...filling });
}

/** How a text becomes a row of tokens. */
export interface TokenRow {
  readonly most: number;
  /** Whether it is whole, and ends. */
  readonly ends: boolean;
  /** What fills it up; padding where absent. */
  readonly filling?: number;
  /** What is done with longer ones; an error where absent. */
  readonly longer?: "refuse" | "cut";
  /** Gets a word about what was cut off. */
  readonly notes?: string[];
}

/**
 * A text that a person says as `most` tokens, filled up.
 * @param where the option that says it
 * @throws GalateaError `usage` when it is empty, or too long and not to be cut.
 */
export function tokensOfText(where: string, text: string, tokenizer: Tokenizer, row: TokenRow): Int32Array {
  const { most, ends, filling, longer = "refuse", notes = [] } = row;
  const encoded = tokenizer.encode(text);
  if (encoded.length === 0)
    throw new GalateaError("usage", where, "got an empty text", "leave it out, or give some text");
  const { end, pad = 0 } = tokenizer.specialTokens;
  const tokens = ends && end !== undefined ? [...encoded, end] : encoded;
  if (tokens.length > most && longer === "cut") {
    notes.push(`the text has ${tokens.length} tokens, of which the model reads the first ${most}`);
  }
  if (tokens.length <= most || longer === "cut") {
    return Int32Array.from({ length: most }, (_, i) => tokens[i] ?? filling ?? pad);
  }
  const right = `the model reads ${most} at most: give a shorter text`;
  throw new GalateaError("usage", where, `got ${tokens.length} tokens`, right);
}

/** Parts of a text, at most, that are named. */
const shownParts = 8;

/** A note that names what the vocabulary lacks: characters where a word has one such, else whole words. */
function unknownParts(text: string, tokenizer: Tokenizer): readonly string[] {
  const { unknown } = tokenizer.specialTokens;
  if (unknown === undefined || !tokenizer.encode(text).includes(unknown)) return [];
  const isUnknown = (part: string): boolean => tokenizer.encode(part).includes(unknown);
  const words = text.split(/\s+/).filter((word) => word !== "" && isUnknown(word));
  const parts = words.flatMap((word) => {
    const characters = Array.from(word).filter(isUnknown);
    return characters.length > 0 && characters.length < Array.from(word).length ? characters : [word];
  });
  const named = [...new Set(parts)];
  const more = named.length > shownParts ? `, and ${named.length - shownParts} more` : "";
  const what = named.length > 0 ? `: ${named.slice(0, shownParts).join(", ")}${more}` : "";
  return [`not all of the text is in the model's vocabulary${what}; it reads a mark for the unknown there`];
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
 * @throws GalateaError `usage` when samples must be told something that no wish says.
 */
export function sampleRequest(family: Steerable, count: number, wishes: Wishes = noWishes, first = 0): HostRequest {
  const conditions = Object.entries(family.conditions ?? {}).map(([name, { dtype, shape, classes, optional }]) => {
    const told = wishes.conditions[name] ?? (optional === undefined ? undefined : [optional]);
    if (!told && classes === undefined) {
      throw new GalateaError("usage", name, "samples must be told it", "say it with --condition");
    }
    const size = sizeOf(shape);
    const data = allocateHost(dtype, count * size) as Float32Array;
    for (let i = 0; i < data.length; i++) {
      data[i] = told ? Number(told[(first * size + i) % told.length]) : (first + i) % (classes ?? 1);
    }
    return [name, { dtype, shape: [count, ...shape], data }] as const;
  });
  return { count, conditions: Object.fromEntries(conditions), controls: controlsOf(family, wishes) };
}

/** The same, of examples: they say what no wish does, and there are no more samples than examples. */
export async function requestOfExamples(
  family: Steerable,
  count: number,
  examples: Dataset,
  wishes: Wishes = noWishes,
): Promise<HostRequest> {
  const isTold = ([name, { optional, classes }]: readonly [string, Condition]): boolean =>
    optional === undefined && classes === undefined && !wishes.conditions[name];
  const told = Object.entries(family.conditions ?? {}).filter(isTold);
  const others = Object.fromEntries(Object.entries(family.conditions ?? {}).filter((entry) => !isTold(entry)));
  const own = told.length > 0 ? Math.min(count, examples.count) : count;
  const request = sampleRequest({ ...family, conditions: others }, own, wishes);
  if (told.length === 0) return request;
  const batch = await examples.gather(Array.from({ length: own }, (_, i) => i));
  const given = told.map(([name, { dtype, shape }]) => [name, { dtype, shape: [own, ...shape], data: batch[name] }]);
  return { ...request, conditions: { ...request.conditions, ...Object.fromEntries(given) } };
}

function controlsOf({ controls = {} }: Steerable, wishes: Wishes): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(controls).map(([name, control]) => [name, wishes.controls[name] ?? control.default]),
  );
}
