/** Inputs, constants and random numbers in ONNX. */

import { GalateaError } from "../../../base/index.ts";
import { lowerFoldKey, lowerRandomBernoulli, lowerRandomNormal, lowerRandomUniform } from "../random.ts";
import type { SomeLowerings } from "./lowering.ts";

export const sources = {
  input: ({ path }) => {
    throw new GalateaError("internal", path, "an input is declared, not lowered");
  },
  constant: ({ path }) => {
    throw new GalateaError("internal", path, "a constant is declared, not lowered");
  },
  randomUniform: lowerRandomUniform,
  randomBernoulli: lowerRandomBernoulli,
  randomNormal: lowerRandomNormal,
  foldKey: lowerFoldKey,
} satisfies SomeLowerings;
