/** Points at which the gradient of each differentiable op is checked: away from kinks and poles. */

import { compositeCases } from "./cases-composite.ts";
import { controlFlowCases } from "./cases-control-flow.ts";
import { convolutionCases } from "./cases-convolution.ts";
import { elementwiseCases } from "./cases-elementwise.ts";
import { indexingCases } from "./cases-indexing.ts";
import { layoutCases } from "./cases-layout.ts";
import { linearAlgebraCases } from "./cases-linear-algebra.ts";
import { poolingCases } from "./cases-pooling.ts";
import { reductionCases } from "./cases-reduction.ts";
import type { GradientCases } from "./cases-table.ts";

export type { GradientCases };

export const gradientCases: GradientCases = {
  ...elementwiseCases,
  ...layoutCases,
  ...indexingCases,
  ...reductionCases,
  ...linearAlgebraCases,
  ...convolutionCases,
  ...compositeCases,
  ...controlFlowCases,
  ...poolingCases,
};
