/** Points drawn from a density over the plane, as a data set. */

import { foldKey, hashName, keyFromSeed } from "../../core/base/index.ts";
import { type DataSplits, type Dataset, memoryDataset } from "./dataset.ts";
import type { PlaneDensity } from "./densities.ts";

/** Points of each split. */
const sizes = { train: 40_000, validation: 5000, test: 5000 } as const;

/** 50,000 points of a density, the same in every run: field `vector`, float32 [2]. */
export function drawPoints(name: string, description: string, density: PlaneDensity): DataSplits {
  const key = foldKey(keyFromSeed(0), hashName(name));
  const part = (split: keyof typeof sizes, stream: number): Dataset => {
    const data = density.draw(foldKey(key, stream), sizes[split]);
    const dataset = memoryDataset(`${name} ${split}`, sizes[split], { vector: { dtype: "float32", shape: [2], data } });
    return density.modes ? { ...dataset, modes: density.modes } : dataset;
  };
  return {
    name,
    description,
    train: part("train", 0),
    validation: part("validation", 1),
    test: part("test", 2),
    notes: [],
  };
}
