/** Gradients of loops. */

import type { SomeRules } from "./rule.ts";
import { scanGradients } from "./scan.ts";

export const controlFlow = {
  scan: (_, context) => scanGradients(context),
} satisfies SomeRules;
