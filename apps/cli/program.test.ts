/** The option table, and what commander makes of it. */

import { expect, test } from "vitest";
import { GalateaError } from "../../src/core/base/index.ts";
import { describeOptions, findPreset } from "../../src/run/index.ts";
import { type CommandSpec, helpOf, parseOption } from "./option-spec.ts";
import { commands, sampleCommand, trainCommand } from "./options.ts";
import { type ParsedCall, parseCommandLine } from "./program.ts";

function parse(...words: string[]): ParsedCall {
  const parsed = parseCommandLine(words, "1.2.3", 100);
  if ("text" in parsed) throw new Error(`a text: ${parsed.text}`);
  return parsed;
}

function textOf(...words: string[]): { readonly text: string; readonly asked: boolean } {
  const parsed = parseCommandLine(words, "1.2.3", 100);
  if ("text" in parsed) return parsed;
  throw new Error("a call");
}

function refusal(...words: string[]): string {
  try {
    parse(...words);
  } catch (error) {
    expect(error).toBeInstanceOf(GalateaError);
    expect(error).toMatchObject({ code: "usage" });
    return (error as Error).message;
  }
  throw new Error("was accepted");
}

test("the table names nothing twice, and each default lies in its range", () => {
  expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length);
  for (const command of commands as readonly CommandSpec[]) {
    expect(new Set(command.options.map(({ name }) => name)).size).toBe(command.options.length);
    expect(new Set(command.options.map(({ flag }) => flag)).size).toBe(command.options.length);
    for (const option of command.options) {
      if ("default" in option) expect(parseOption(option, String(option.default))).toBe(option.default);
    }
    for (const example of command.examples) expect(example.startsWith(`galatea ${command.name}`)).toBe(true);
  }
});

test("--steps and --seed have the ranges of the preset's options that they are short for", () => {
  const options = describeOptions(findPreset("digits/vae").schema);
  for (const name of ["steps", "seed"]) {
    const long = options.find((option) => option.name === name)?.range ?? "";
    const short = trainCommand.options.find((option) => option.name === name);
    expect(long).toMatch(new RegExp(`at least ${(short as { minimum: number }).minimum}$`));
  }
});

test("every example of the help parses", () => {
  for (const { name, examples } of commands) {
    for (const example of examples) expect(parse(...example.split(" ").slice(1)).command).toBe(name);
  }
});

test("values have their types, and what is not given its default", () => {
  const call = parse("train", "digits/vae", "--steps", "1e3", "--set", "a=1", "--set", "b=c=d", "--resume");
  expect(call).toEqual({
    command: "train",
    arguments: { preset: "digits/vae" },
    options: {
      data: undefined,
      out: undefined,
      steps: 1000,
      seed: undefined,
      set: ["a=1", "b=c=d"],
      resume: true,
      backend: undefined,
      threads: undefined,
      json: false,
    },
  });
  expect(parse("sample", "runs/a", "-n", "3", "--threads", "1").options).toEqual({
    backend: "cpu",
    threads: 1,
    count: 3,
    seed: 0,
    out: undefined,
    condition: [],
  });
  expect(parse("evaluate", "runs/a", "--metrics", "kl, loss").options.metrics).toEqual(["kl", "loss"]);
  expect(parse("presets").arguments).toEqual({ preset: undefined });
  expect(parse("data", "get", "mnist")).toMatchObject({ command: "data get", arguments: { name: "mnist" } });
});

test("--debug may stand anywhere", () => {
  expect(parse("--debug", "doctor").command).toBe("doctor");
  expect(parse("doctor", "--debug", "--json").options).toMatchObject({ json: true });
});

test.each([
  [["trian", "x"], "unknown command 'trian'; did you mean train?"],
  [["data", "gte", "mnist"], "unknown command 'gte'; did you mean get?"],
  [["train", "x", "--stpes", "1"], "unknown option '--stpes'; did you mean --steps?"],
  [["sample", "x", "--sed", "1"], "unknown option '--sed'; did you mean --seed?"],
  [["train", "x", "--zzzzzzzz"], "unknown option '--zzzzzzzz'; see galatea train --help"],
  [["train"], "missing required argument 'preset'; see galatea train --help"],
  [["sample", "x", "--out"], "option '--out <file>' argument missing; see galatea sample --help"],
  [["train", "x", "--steps", "0"], '--steps: got "0"; it must be a whole number from 1 to 1000000000'],
  [["train", "x", "--steps", "-5"], '--steps: got "-5"; it must be a whole number from 1 to 1000000000'],
  [["train", "x", "--seed", "1e99"], '--seed: got "1e99"; it must be a whole number from 0 to 2^53 - 1'],
  [["train", "x", "--threads", "two"], '--threads: got "two"; it must be a whole number from 1 to 1024'],
  [["train", "x", "--set", "=3"], '--set: got "=3"; it must be key=value'],
  [["train", "x", "--backend", "gpu"], '--backend: got "gpu"; it must be one of cpu, webgpu, cuda'],
  [["train", "x", "--out", ""], "--out: got an empty text; give it a run"],
  [["evaluate", "x", "--metrics", "a,,b"], '--metrics: got "a,,b"; it must be names with commas between'],
])("%j is refused", (words, message) => {
  expect(refusal(...words)).toBe(message);
});

test("help shows each option's description, range and default from the table", () => {
  const { text, asked } = textOf("sample", "--help");
  expect(asked).toBe(true);
  const flat = text.replace(/\s+/g, " ");
  for (const option of sampleCommand.options) expect(flat).toContain(`${option.flag} `);
  for (const option of sampleCommand.options) expect(flat).toContain(helpOf(option));
  expect(textOf("help", "sample").text).toBe(text);
});

test("nothing, or half a command, shows help that was not asked for", () => {
  expect(textOf()).toMatchObject({ asked: false, text: expect.stringContaining("train [options] <preset>") });
  expect(textOf("data")).toMatchObject({ asked: false, text: expect.stringContaining("get <name>") });
  expect(textOf("--version")).toEqual({ asked: true, text: "1.2.3\n" });
});
