/** What every backend must compute as the reference interpreter does: cases for each op of the table.
 *
 * Cases hold what the op table defines. They leave out what it does not: integer division by zero, integer
 * sums over axes that overflow (ONNX Runtime saturates), casts outside the range, powers of -infinity to a
 * fraction, and where the largest element is among NaN. */

import type { OpName } from "../../src/core/graph/index.ts";
import { blockedConvolutionCases } from "./cases-blocked-convolution.ts";
import { compositeCases } from "./cases-composite.ts";
import { controlFlowCases } from "./cases-control-flow.ts";
import { convolutionCases } from "./cases-convolution.ts";
import { elementwiseCases } from "./cases-elementwise.ts";
import { indexingCases } from "./cases-indexing.ts";
import { layoutCases } from "./cases-layout.ts";
import { linearAlgebraCases } from "./cases-linear-algebra.ts";
import { poolingCases } from "./cases-pooling.ts";
import { reductionCases } from "./cases-reduction.ts";
import { sourceCases } from "./cases-sources.ts";
import type { CaseOf, ConformanceCases } from "./cases-table.ts";

export type ConformanceCase<N extends OpName = OpName> = CaseOf<N> & { readonly op: N };

export const casesByOp: ConformanceCases = {
  ...sourceCases,
  ...elementwiseCases,
  ...layoutCases,
  ...indexingCases,
  ...reductionCases,
  ...linearAlgebraCases,
  ...convolutionCases,
  ...compositeCases,
  ...controlFlowCases,
  ...blockedConvolutionCases,
  ...poolingCases,
};

/** Every case with its op, in the order of the tables. */
export const conformanceCases: readonly ConformanceCase[] = Object.entries(casesByOp).flatMap(([op, cases]) =>
  cases.map((one) => ({ ...one, op: op as OpName }) as ConformanceCase),
);
