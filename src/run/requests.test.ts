import { describe, expect, test } from "vitest";
import type { Condition, Control } from "../learn/models/index.ts";
import { parseWishes, sampleRequest } from "./requests.ts";

const conditions: Readonly<Record<string, Condition>> = { label: { dtype: "int32", shape: [], classes: 3 } };
const controls: Readonly<Record<string, Control>> = {
  guidance: { description: "scale", minimum: 0, maximum: 10, default: 1.5 },
  samplingSteps: { description: "steps", minimum: 1, maximum: 100, whole: true, default: 20 },
};
const family = { name: "diffusion", conditions, controls };
const plain = { name: "vae" };

describe("wishes", () => {
  test("a class by name or number, a control by number, the last one counts", () => {
    const wishes = parseWishes(family, ["label=dog", "guidance=0", "label=2", "samplingSteps=5"], ["cat", "dog", "3"]);
    expect(wishes).toEqual({ conditions: { label: 2 }, controls: { guidance: 0, samplingSteps: 5 } });
    expect(parseWishes(family, ["label=dog"], ["cat", "dog", "cow"]).conditions).toEqual({ label: 1 });
    // A name comes before a number.
    expect(parseWishes(family, ["label=2"], ["2", "1", "0"]).conditions).toEqual({ label: 0 });
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
  ])("%j is refused", (pairs, message) => {
    expect(() => parseWishes(family, pairs, ["cat", "dog", "cow"])).toThrow(message);
  });

  test("a family that can be told nothing says so", () => {
    expect(() => parseWishes(plain, ["label=1"])).toThrow("a vae cannot be told what to make; leave it out");
    expect(parseWishes(plain, [])).toEqual({ conditions: {}, controls: {} });
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
      conditions: { label: 1 },
      controls: { guidance: 0 },
    });
    expect(asked.label.data).toEqual(Int32Array.of(1, 1));
    expect(given.guidance).toBe(0);
    expect(sampleRequest(plain, 2)).toEqual({ count: 2, conditions: {}, controls: {} });
  });

  test("a condition that is no class must be given", () => {
    const translator = { name: "cycle-gan", conditions: { image: { dtype: "uint8", shape: [3, 8, 8] } as Condition } };
    expect(() => sampleRequest(translator, 2)).toThrow("image: samples must be told it; use galatea style");
  });
});
