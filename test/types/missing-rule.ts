/** Proves, whenever tsc runs, that an op cannot be added halfway: a table that lacks one op does not compile.
 *
 * Each `@ts-expect-error` is an error itself where the line below it compiles, that is, as soon as a table's
 * type lets an op be left out. The line after it shows that the missing op was the only thing wrong. */

import type { GradientRules } from "../../src/core/autodiff/index.ts";
import type { OpDefinition, OpName } from "../../src/core/graph/index.ts";
import type { Kernels } from "../../src/engine/interpreter/index.ts";
import type { ConformanceCases } from "../conformance/cases-table.ts";
import type { Tolerance } from "../conformance/cases-tolerances.ts";
import type { GradientCases } from "../gradcheck/cases.ts";

/** A table as it was before somebody wrote the entry for matmul. */
type Without<Table extends { readonly matmul: unknown }> = Omit<Table, "matmul">;

declare const shapeless: Omit<OpDefinition<never>, "shapes">;
// @ts-expect-error: a definition says which shapes the op takes and gives.
export const incompleteDefinition: OpDefinition<never> = shapeless;

declare const rules: Without<GradientRules>;
declare const rule: GradientRules["matmul"];
// @ts-expect-error: matmul has no gradient rule.
export const incompleteRules: GradientRules = rules;
export const completeRules: GradientRules = { ...rules, matmul: rule };
// @ts-expect-error: a rule of another op is no rule for matmul.
export const wrongRules: GradientRules = { ...rules, matmul: completeRules.conv2d };

declare const kernels: Without<Kernels>;
declare const kernel: Kernels["matmul"];
// @ts-expect-error: matmul has no reference kernel.
export const incompleteKernels: Kernels = kernels;
export const completeKernels: Kernels = { ...kernels, matmul: kernel };
// @ts-expect-error: a kernel that reads other attributes is no kernel for matmul.
export const wrongKernels: Kernels = { ...kernels, matmul: completeKernels.conv2d };

declare const cases: Without<ConformanceCases>;
declare const someCases: ConformanceCases["matmul"];
// @ts-expect-error: no backend would be tested on matmul.
export const incompleteCases: ConformanceCases = cases;
export const completeCases: ConformanceCases = { ...cases, matmul: someCases };
// @ts-expect-error: an empty list tests nothing.
export const emptyCases: ConformanceCases = { ...cases, matmul: [] };

declare const points: Without<GradientCases>;
declare const somePoints: GradientCases["matmul"];
// @ts-expect-error: matmul's gradient would not be checked.
export const incompletePoints: GradientCases = points;
export const completePoints: GradientCases = { ...points, matmul: somePoints };

declare const tolerances: Omit<{ readonly [N in OpName]: Tolerance }, "matmul">;
// @ts-expect-error: nobody has said how exact matmul must be.
export const incompleteTolerances: { readonly [N in OpName]: Tolerance } = tolerances;

// @ts-expect-error: an op without a gradient needs no rule, and may not have one unnoticed.
export const ruleOfDiscreteOp: keyof GradientRules = "argMax";
