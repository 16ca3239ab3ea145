/** What a case of a gradient check is, and the table that no differentiable op may be missing from. */

import type { AttrsOf, DifferentiableOp } from "../../src/core/graph/index.ts";
import type { HostValue } from "../../src/engine/interpreter/index.ts";

interface CaseWith<Attrs> {
  readonly name: string;
  readonly attrs: Attrs;
  readonly inputs: readonly HostValue[];
}

/** The table's type: leaving out a differentiable op does not compile. */
export type GradientCases = {
  readonly [N in DifferentiableOp]: readonly [CaseWith<AttrsOf<N>>, ...CaseWith<AttrsOf<N>>[]];
};
