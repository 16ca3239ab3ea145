import { describe, expect, test } from "vitest";
import { formatPlace, layerOfLeaf, type Place, parsePlace } from "./place.ts";

describe("places", () => {
  test.each<[Place, string]>([
    [{ layer: "", stage: "forward" }, ""],
    [{ layer: "encoder.0", stage: "forward" }, "encoder.0"],
    [{ layer: "encoder.0", stage: "backward" }, "encoder.0 (backward)"],
    [{ layer: "", stage: "update" }, "(update)"],
    [{ layer: "a (b)", stage: "update" }, "a (b) (update)"],
  ])("%j is the path %j and back", (place, path) => {
    expect(formatPlace(place)).toBe(path);
    expect(parsePlace(path)).toEqual(place);
  });

  test("a layer that is named like a stage is a layer", () => {
    expect(parsePlace("backward")).toEqual({ layer: "backward", stage: "forward" });
    expect(parsePlace("backward.update")).toEqual({ layer: "backward.update", stage: "forward" });
  });

  test("a leaf belongs to the layer that holds it", () => {
    expect(layerOfLeaf("encoder.0.weight")).toBe("encoder.0");
    expect(layerOfLeaf("weight")).toBe("");
  });
});
