/** Every op as it stands in an exported file. */

import { lowerGraph, optimize } from "../../src/core/compile/index.ts";
import { evaluateConstants } from "../../src/engine/interpreter/index.ts";
import { conformsOn } from "./run.ts";
import { runModel } from "./run-model.ts";

conformsOn(
  "a file",
  (graph, inputs) => runModel(lowerGraph(optimize(graph, evaluateConstants), { contrib: false }), inputs),
  {
    "maxPool2d: infinities beside what is outside":
      "ONNX Runtime's MaxPool takes the smallest float32 number, not -infinity, for what is outside",
  },
);
