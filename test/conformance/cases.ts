/** What every backend must compute as the reference interpreter does: cases for each op of the table.
 *
 * Cases hold what the op table defines. They leave out what it does not: integer division by zero, integer
 * sums over axes that overflow (ONNX Runtime saturates), indices and casts outside the range, and where the
 * largest element is among NaN. */

import type { AttrsOf, OpName } from "../../src/core/graph/index.ts";
import type { HostValue } from "../../src/engine/interpreter/index.ts";
import { elementwiseCases } from "./cases-elementwise.ts";
import { layoutCases } from "./cases-layout.ts";
import { linearAlgebraCases } from "./cases-linear-algebra.ts";
import { sourceCases } from "./cases-sources.ts";

interface CaseWith<Attrs> {
  readonly name: string;
  readonly attrs: Attrs;
  readonly inputs: readonly HostValue[];
}

export type CaseOf<N extends OpName> = CaseWith<AttrsOf<N>>;

export type ConformanceCase<N extends OpName = OpName> = CaseOf<N> & { readonly op: N };

/** The table's type: leaving out an op does not compile. */
export type ConformanceCases = { readonly [N in OpName]: readonly [CaseOf<N>, ...CaseOf<N>[]] };

export const casesByOp: ConformanceCases = {
  ...sourceCases,
  ...elementwiseCases,
  ...layoutCases,
  ...linearAlgebraCases,
};

/** Every case with its op, in the order of the tables. */
export const conformanceCases: readonly ConformanceCase[] = Object.entries(casesByOp).flatMap(([op, cases]) =>
  cases.map((one) => ({ ...one, op: op as OpName }) as ConformanceCase),
);
