/** docs/ops.md is made from the op table: `npx vitest run test/golden -u` writes it anew. */

import { expect, test } from "vitest";
import { GalateaError } from "../../src/core/base/index.ts";
import { type LoweringTarget, lowerGraph, optimize, webgpuTarget } from "../../src/core/compile/index.ts";
import { type OpName, opNames, opTable } from "../../src/core/graph/index.ts";
import { evaluateConstants } from "../../src/engine/interpreter/index.ts";
import { type ConformanceCase, conformanceCases } from "../conformance/cases.ts";
import { graphOf } from "../conformance/run.ts";

/** Markdown reads a bar as the end of a cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** The ONNX operators that the conformance cases of an op are lowered to, in the order in which they first occur. */
function operatorsOf(name: OpName, target: LoweringTarget): string {
  if (name === "input" || name === "constant") return "declared";
  const lowered = conformanceCases.filter(({ op }) => op === name).map((one) => operatorsOfCase(one, target));
  const possible = lowered.filter((operators) => operators !== undefined);
  if (possible.length === 0) return "no";
  const operators = [...new Set(possible.flat())].join(", ");
  return possible.length === lowered.length ? operators : `${operators} (${possible.length} of the cases)`;
}

/** `undefined` where the target cannot run the case. */
function operatorsOfCase(one: ConformanceCase, target: LoweringTarget): readonly string[] | undefined {
  try {
    // As what a device runs: it may lack loops, which a pass unrolls.
    const graph = target.kernels ? optimize(graphOf(one), evaluateConstants, target) : graphOf(one);
    return lowerGraph(graph, target).nodes.map(({ opType }) => opType);
  } catch (error) {
    if (error instanceof GalateaError && error.code === "backend") return undefined;
    throw error;
  }
}

function opsPage(): string {
  const rows = opNames.map((name) => {
    const { doc, shapes, differentiable } = opTable[name];
    const cases = conformanceCases.filter(({ op }) => op === name).length;
    const [onCpu, portable] = [true, false].map((contrib) => operatorsOf(name, { contrib }));
    const operators = [onCpu, onCpu === portable ? "the same" : portable, operatorsOf(name, webgpuTarget)];
    return `| \`${name}\` | ${cell(doc)} | \`${cell(shapes)}\` | ${differentiable ? "yes" : "none"} | ${operators.join(" | ")} | ${cases} |`;
  });
  return [
    "# Ops",
    "",
    "Every primitive that a graph can hold; layers, losses and optimizers are made of these. An op with a gradient is",
    "checked against finite differences in float64, first and second order (`npm test -- test/gradcheck`); every op is",
    "compared with the reference interpreter on the CPU backend (`npm test -- test/conformance`), in as many cases as",
    "the last column says.",
    "",
    "In shapes a letter is a size; `...` stands for any axes, which broadcast where several inputs have them, `A...` for",
    "the same axes wherever it occurs; other names are attributes. The operators are those of ONNX opset 21 that the",
    "cases become: on the CPU backend, which may also use the runtime's own (`com.microsoft`), and in an exported file,",
    "which any ONNX runtime can read; on WebGPU, which lacks some operators and element types (`npm run test:webgpu`).",
    "Which of them a case needs depends on its shapes and types.",
    "",
    "| op | what it computes | shapes | gradient | on the CPU | in a file | on WebGPU | cases |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

test("docs/ops.md shows the op table", async () => {
  await expect(opsPage()).toMatchFileSnapshot("../../docs/ops.md");
});
