/** Inputs, constants and random numbers in ONNX. */

import { GalateaError } from "../../../base/index.ts";
import { lowerFoldKey, lowerRandomUniform } from "../random.ts";
import type { SomeLowerings } from "./lowering.ts";

export const sources = {
  input: ({ path }) => {
    throw new GalateaError("internal", path, "an input is declared, not lowered");
  },
  constant: ({ path }) => {
    throw new GalateaError("internal", path, "a constant is declared, not lowered");
  },
  randomUniform: ({ onnx, inputs, attrs, output }) => lowerRandomUniform(onnx, inputs[0], attrs.shape, output),
  foldKey: ({ onnx, inputs, output }) => lowerFoldKey(onnx, inputs[0], inputs[1], output),
} satisfies SomeLowerings;
