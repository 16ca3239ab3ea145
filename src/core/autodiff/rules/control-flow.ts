/** Gradients of loops, and of what is computed twice. */

import { graphOf, inlineBody } from "../../graph/index.ts";
import { apply, Tensor } from "../../trace/index.ts";
import type { SomeRules } from "./rule.ts";
import { scanGradients } from "./scan.ts";

export const controlFlow = {
  scan: (_, context) => scanGradients(context),
  // What the body computes is computed anew from its inputs, once the gradient that needs it has come.
  checkpoint: (gradient, { inputs, attrs, gradients, wanted, pullback }) => {
    const after = gradients.find((one) => one !== undefined) ?? gradient;
    const again = inputs.map((x) => (x.dtype === "float32" ? apply("barrier", [x, after], {}) : x));
    const results = inlineBody(
      graphOf(attrs.body),
      again.map(({ value }) => value),
    );
    const asked = again.filter((_, i) => wanted[i]);
    const found = pullback(
      results.map((value) => new Tensor(value)),
      gradients,
      asked,
    );
    const byInput = new Map(asked.map((x, i) => [x, found[i]]));
    return again.map((x) => byInput.get(x));
  },
  barrier: (gradient) => [gradient, undefined],
} satisfies SomeRules;
