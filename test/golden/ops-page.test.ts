/** docs/ops.md is made from the op table: `npx vitest run test/golden -u` writes it anew. */

import { expect, test } from "vitest";
import { opNames, opTable } from "../../src/core/graph/index.ts";
import { conformanceCases } from "../conformance/cases.ts";

/** Markdown reads a bar as the end of a cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function opsPage(): string {
  const rows = opNames.map((name) => {
    const { doc, differentiable } = opTable[name];
    const cases = conformanceCases.filter(({ op }) => op === name).length;
    return `| \`${name}\` | ${cell(doc)} | ${differentiable ? "yes" : "none"} | ${cases} |`;
  });
  return [
    "# Ops",
    "",
    "Every primitive that a graph can hold; layers, losses and optimizers are made of these. An op with a gradient is",
    "checked against finite differences in float64, first and second order (`npm test -- test/gradcheck`); every op is",
    "compared with the reference interpreter on the CPU backend (`npm test -- test/conformance`), in as many cases as",
    "the last column says.",
    "",
    "| op | what it computes | gradient | cases |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

test("docs/ops.md shows the op table", async () => {
  await expect(opsPage()).toMatchFileSnapshot("../../docs/ops.md");
});
