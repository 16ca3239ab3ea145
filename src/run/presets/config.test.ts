import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  describeOptions,
  findPreset,
  parseAssignments,
  parseConfig,
  presets,
  sharedDefaults,
  sharedOptions,
} from "./index.ts";

const schema = z.strictObject({
  ...sharedOptions,
  ...sharedDefaults({ steps: 100, batchSize: 8, learningRate: 0.01 }),
  hidden: z.array(z.int().min(1)).min(1).default([512, 512]).describe("widths"),
  deep: z.boolean().default(false).describe("whether it is deep"),
});

describe("parseConfig", () => {
  test("completes what is given with defaults", () => {
    const config = parseConfig(schema, { steps: 7, optimizer: "sgd" });
    expect(config).toMatchObject({ steps: 7, batchSize: 8, optimizer: "sgd", momentum: 0.9, schedule: "constant" });
    expect(Object.keys(config)).toEqual(Object.keys(schema.shape));
  });
  test("an unknown option names the nearest one and all", () => {
    expect(() => parseConfig(schema, { learningrate: 1 })).toThrow(
      /^learningrate: no such option; did you mean learningRate\? All: steps, batchSize, learningRate, seed, /,
    );
  });
  test.each([
    [{ steps: 0 }, "steps: is 0; it must be a whole number at least 1"],
    [{ steps: 1.5 }, "steps: is 1.5; it must be a whole number at least 1"],
    [{ steps: "many" }, 'steps: is "many"; it must be a whole number at least 1'],
    [{ batchSize: 65_537 }, "batchSize: is 65537; it must be a whole number at least 1, at most 65536"],
    [{ learningRate: 0 }, "learningRate: is 0; it must be a number above 0, at most 10"],
    [{ momentum: 1 }, "momentum: is 1; it must be a number at least 0, below 1"],
    [{ optimizer: "adamm" }, 'optimizer: is "adamm"; it must be one of adam, adamw, muon, sgd'],
    [{ deep: 1 }, "deep: is 1; it must be true or false"],
    [{ hidden: [] }, "hidden: is []; it must be a list of at least 1, each a whole number at least 1"],
    [{ hidden: [400, 0] }, "hidden: is [400,0]; it must be a list of at least 1, each a whole number at least 1"],
    [{ hidden: 400 }, "hidden: is 400; it must be a list of at least 1, each a whole number at least 1"],
  ])("%j is refused with its range", (given, message) => {
    expect(() => parseConfig(schema, given)).toThrow(expect.objectContaining({ code: "config", message }) as Error);
  });
});

describe("parseAssignments", () => {
  const parse = (...pairs: string[]): Record<string, unknown> => parseAssignments(schema, pairs);

  test("numbers, booleans, text", () => {
    expect(parse("steps=100", "learningRate=1e-3", "deep=true", "optimizer=sgd")).toEqual({
      steps: 100,
      learningRate: 0.001,
      deep: true,
      optimizer: "sgd",
    });
  });
  test("lists with and without brackets, of one number too", () => {
    expect(parse("hidden=400,200")).toEqual({ hidden: [400, 200] });
    expect(parse("hidden=[400, 200]")).toEqual({ hidden: [400, 200] });
    expect(parse("hidden=400")).toEqual({ hidden: [400] });
  });
  test("JSON is read where it is valid; what is none stays text", () => {
    expect(parse('a={"b":[1,2]}', 'c="3"', "d=x=y", "e=", "f=null", "g=[1,2")).toEqual({
      a: { b: [1, 2] },
      c: "3",
      d: "x=y",
      e: "",
      f: null,
      g: "[1,2",
    });
  });
  test("the last of two equal keys counts", () => {
    expect(parse("steps=1", "steps=2")).toEqual({ steps: 2 });
  });
  test("a pair without a key or a value is refused", () => {
    for (const pair of ["steps", "=3"]) {
      expect(() => parse(pair)).toThrow(`--set: got ${pair}; write key=value`);
    }
  });
  test("names that every object has are unknown options like others", () => {
    for (const name of ["constructor", "__proto__"]) {
      expect(() => parseConfig(schema, parse(`${name}=1`))).toThrow(`${name}: no such option`);
    }
  });
});

describe("presets", () => {
  test("have different names of the form task/model, and defaults for everything", () => {
    const names = presets.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, schema: own, summary, expected } of presets) {
      expect(name).toMatch(/^[a-z0-9-]+\/[a-z0-9-]+$/);
      expect(summary.length * expected.length).toBeGreaterThan(0);
      expect(Object.keys(parseConfig(own, {}))).toEqual(Object.keys(own.shape));
    }
  });
  test("each option is described, with its range and a default that fits", () => {
    for (const { schema: own } of presets) {
      for (const { name, description, range, default: given } of describeOptions(own)) {
        expect(description, name).not.toBe("");
        expect(range, name).toMatch(/^(a whole number|a number|a list|one of|text|true or false)/);
        expect(given, name).toBeDefined();
      }
    }
  });
  test("share the keys that scripts rely on", () => {
    const keys = ["steps", "batchSize", "learningRate", "seed", "checkpointEvery", "sampleEvery", "evaluateEvery"];
    for (const { schema: own } of presets) expect(Object.keys(own.shape)).toEqual(expect.arrayContaining(keys));
  });
  test("an unknown preset names the nearest one", () => {
    expect(findPreset("digits/vae").name).toBe("digits/vae");
    expect(() => findPreset("digit/vae")).toThrow("digit/vae: no such preset; did you mean digits/vae?");
  });
  test("digits presets need images", () => {
    const table = { name: "table", fields: { age: { dtype: "float32", shape: [] } } } as const;
    const preset = findPreset("digits/vae");
    expect(() => preset.build(parseConfig(preset.schema, {}), table)).toThrow(
      "table: its fields are age; the preset needs images",
    );
  });
});
