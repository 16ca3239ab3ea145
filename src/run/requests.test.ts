import { describe, expect, test } from "vitest";
import type { Condition, Control } from "../learn/models/index.ts";
import { memoryDataset, type Teller } from "./data/index.ts";
import { askedClass, missingWish, noWishes, parseWishes, requestOfExamples, sampleRequest } from "./requests.ts";

const conditions: Readonly<Record<string, Condition>> = { label: { dtype: "int32", shape: [], classes: 3 } };
const controls: Readonly<Record<string, Control>> = {
  guidance: { description: "scale", minimum: 0, maximum: 10, default: 1.5 },
  samplingSteps: { description: "steps", minimum: 1, maximum: 100, whole: true, default: 20 },
};
const family = { name: "diffusion", conditions, controls };
const plain = { name: "vae" };

describe("wishes", () => {
  test("a class by name or number, a control by number, the last one counts", async () => {
    const pairs = ["label=dog", "guidance=0", "label=2", "samplingSteps=5"];
    const wishes = await parseWishes(family, pairs, { classes: ["cat", "dog", "3"] });
    expect(wishes).toEqual({ conditions: { label: Int32Array.of(2) }, controls: { guidance: 0, samplingSteps: 5 } });
    expect(askedClass(await parseWishes(family, ["label=dog"], { classes: ["cat", "dog", "cow"] }), "label")).toBe(1);
    // A name comes before a number.
    expect(askedClass(await parseWishes(family, ["label=2"], { classes: ["2", "1", "0"] }), "label")).toBe(0);
  });

  test.each([
    [["label=7"], "--condition label: got 7; it is one of cat, dog, cow, or a number from 0 to 2"],
    [["label="], "got ; it is one of cat"],
    [["label=1.5"], "got 1.5; it is one of"],
    [["guidance=11"], "--condition guidance: got 11; it must be a number from 0 to 10"],
    [["guidance="], "got ; it must be a number from 0 to 10"],
    [["guidance=much"], "got much; it must be a number"],
    [["samplingSteps=1.5"], "got 1.5; it must be a whole number from 1 to 100"],
    [["lable=1"], "a diffusion has no lable; did you mean label? It can be told label, guidance, samplingSteps"],
    [["constructor=1"], "a diffusion has no constructor"],
  ])("%j is refused", async (pairs, message) => {
    await expect(parseWishes(family, pairs, { classes: ["cat", "dog", "cow"] })).rejects.toThrow(message);
  });

  test("a family that can be told nothing says so", async () => {
    const message = "a vae cannot be told what to make; leave it out";
    await expect(parseWishes(plain, ["label=1"])).rejects.toThrow(message);
    expect(await parseWishes(plain, [])).toEqual({ conditions: {}, controls: {} });
  });

  test("what a teller reads is told, by the fields that it gives", async () => {
    const seen: string[] = [];
    const read: Teller["read"] = async (path, say) => {
      seen.push(path);
      say("it was short");
      return { fields: { past: Float32Array.of(1, 2) } };
    };
    const forecaster = { name: "forecaster", conditions: { past: { dtype: "float32", shape: [2] } as Condition } };
    const telling = { tellers: { series: { what: "a CSV file", read } } };
    const wishes = await parseWishes(forecaster, ["series=a=b.csv"], telling);
    expect(seen).toEqual(["a=b.csv"]);
    expect(wishes.notes).toEqual(["it was short"]);
    expect(sampleRequest(forecaster, 2, wishes).conditions.past).toEqual({
      dtype: "float32",
      shape: [2, 2],
      data: Float32Array.of(1, 2, 1, 2),
    });
    expect(missingWish(forecaster, noWishes, telling)).toBe("series");
    expect(missingWish(forecaster, wishes, telling)).toBeUndefined();
    await expect(parseWishes(forecaster, ["past=1"], telling)).rejects.toThrow("It can be told series");
  });
});

describe("requests", () => {
  test("classes take turns, across parts; controls have their defaults", () => {
    const { conditions: asked, controls: given } = sampleRequest(family, 4, undefined, 5);
    expect(asked.label).toEqual({ dtype: "int32", shape: [4], data: Int32Array.of(2, 0, 1, 2) });
    expect(given).toEqual({ guidance: 1.5, samplingSteps: 20 });
  });

  test("what was wished is for every sample", () => {
    const { conditions: asked, controls: given } = sampleRequest(family, 2, {
      conditions: { label: Int32Array.of(1) },
      controls: { guidance: 0 },
    });
    expect(asked.label.data).toEqual(Int32Array.of(1, 1));
    expect(given.guidance).toBe(0);
    expect(sampleRequest(plain, 2)).toEqual({ count: 2, conditions: {}, controls: {} });
  });

  test("examples say what nobody wished, and there are no more samples than examples", async () => {
    const conditions: Readonly<Record<string, Condition>> = {
      source: { dtype: "int32", shape: [2] },
      label: { dtype: "int32", shape: [], classes: 3 },
    };
    const source = { dtype: "int32", shape: [2], data: Int32Array.of(1, 2, 3, 4, 5, 6) } as const;
    const examples = memoryDataset("pairs", 3, { source });
    const { count, conditions: asked } = await requestOfExamples({ name: "x", conditions }, 8, examples);
    expect(count).toBe(3);
    expect(asked.source.data).toEqual(source.data);
    expect(asked.label.data).toEqual(Int32Array.of(0, 1, 2));
    const told = { conditions: { source: Int32Array.of(7, 8) }, controls: {} };
    const wished = await requestOfExamples({ name: "x", conditions }, 2, examples, told);
    expect(wished.conditions.source.data).toEqual(Int32Array.of(7, 8, 7, 8));
    expect((await requestOfExamples({ name: "x" }, 8, examples)).count).toBe(8);
  });

  test("a condition that is no class must be given", () => {
    const translator = { name: "cycle-gan", conditions: { image: { dtype: "uint8", shape: [3, 8, 8] } as Condition } };
    expect(() => sampleRequest(translator, 2)).toThrow("image: samples must be told it; say it with --condition");
  });
});
