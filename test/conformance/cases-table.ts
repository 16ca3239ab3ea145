/** What a case is, and the table that no op may be missing from. */

import type { AttrsOf, OpName } from "../../src/core/graph/index.ts";
import type { HostValue } from "../../src/engine/interpreter/index.ts";

interface CaseWith<Attrs> {
  readonly name: string;
  readonly attrs: Attrs;
  readonly inputs: readonly HostValue[];
}

export type CaseOf<N extends OpName> = CaseWith<AttrsOf<N>>;

/** The table's type: leaving out an op does not compile. */
export type ConformanceCases = { readonly [N in OpName]: readonly [CaseOf<N>, ...CaseOf<N>[]] };
