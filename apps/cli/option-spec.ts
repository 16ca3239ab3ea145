/** What an option of the command line is, and what its text parses to.
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
    | {
        readonly type: "number";
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
  : O extends { type: "integer" | "number" }
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

/** Such as `a whole number from 1 to 1024`; nothing where any text will do. */
export function rangeOf(option: OptionSpec): string | undefined {
  switch (option.type) {
    case "integer": {
      const { minimum, maximum } = option;
      return `a whole number from ${minimum} to ${maximum === Number.MAX_SAFE_INTEGER ? "2^53 - 1" : maximum}`;
    }
    case "number":
      return `a number from ${option.minimum} to ${option.maximum}`;
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
  const range = ["integer", "number", "choice"].includes(option.type) ? rangeOf(option) : undefined;
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
    case "number": {
      const value = text.trim() === "" ? Number.NaN : Number(text);
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
