/** Random graphs compute the same before and after each pass, and on the CPU backend.
 *
 * The seed is fixed. GALATEA_FUZZ_RUNS=5000 runs more of them, with another seed each time. */

import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { optimize, type Pass, passList } from "../../src/core/compile/index.ts";
import { blockConvolutions } from "../../src/core/compile/passes/index.ts";
import { type Graph, nodesOf, type OpName, opNames, printGraph, verifyGraph } from "../../src/core/graph/index.ts";
import { evaluateConstants, type HostValue, interpret, toHost } from "../../src/engine/interpreter/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { difference } from "../conformance/run.ts";
import { buildGraph, type Instruction, kinds } from "./random-graph.ts";

const asked = Number(process.env.GALATEA_FUZZ_RUNS ?? 0);
const runs = { passes: asked || 250, backend: asked || 40 };
/** Milliseconds. Making a failing graph smaller may take hours: that ends here too. */
const patience = asked > 0 ? 3_600_000 : 120_000;
const common = {
  ...(asked > 0 ? {} : { seed: 20_260_714, interruptAfterTimeLimit: 90_000, markInterruptAsFailure: true }),
  includeErrorInReport: true,
};

/**
 * Rewrites change the order of float64 sums and products, each rounded to 2^-53, and a graph of 40 small
 * well-conditioned steps may enlarge that a millionfold at most: 1e-16 becomes 1e-10. A wrong factor, axis or
 * sign is off by whole numbers.
 */
const reordered = { relative: 1e-9, absolute: 1e-9 };

/** The same in float32, whose rounding is 2^-24, where errors add up like a random walk rather than at worst. */
const inFloat32 = { relative: 5e-4, absolute: 5e-4 };

const instruction: fc.Arbitrary<Instruction> = fc.record({
  kind: fc.nat(kinds - 1),
  picks: fc.tuple(fc.nat(63), fc.nat(63), fc.nat(63), fc.nat(63)),
});
const instructions = fc.array(instruction, { minLength: 1, maxLength: 40, size: "max" });

/** Blocks of two channels, however small the convolutions: images here have two. */
const blockTarget = { contrib: true, convolutionBlock: 2 } as const;

function inBlocks({ name, run }: Pass): Pass {
  if (name !== "block convolutions") return { name, run };
  return { name, run: (graph) => blockConvolutions(graph, blockTarget.convolutionBlock, () => true) };
}

/** The first difference between outputs, with the graphs that gave them. */
function requireSame(before: Graph, after: Graph, inputs: readonly HostValue[], expected: readonly HostValue[]): void {
  const seen = interpret(after, inputs);
  for (const [i, value] of expected.entries()) {
    const found = differenceIn64(seen[i], value);
    if (found) throw new Error(`output ${i}: ${found}\n${printGraph(before)}=>\n${printGraph(after)}`);
  }
}

/** Without the rounding to float32 of the conformance suite. */
function differenceIn64(seen: HostValue, expected: HostValue): string | undefined {
  if (seen.dtype !== expected.dtype) return `it is ${seen.dtype}, not ${expected.dtype}`;
  if (String(seen.shape) !== String(expected.shape)) return `its shape is [${seen.shape}], not [${expected.shape}]`;
  const at = expected.data.findIndex((number, i) => {
    const other = seen.data[i];
    if (other === number || (Number.isNaN(other) && Number.isNaN(number))) return false;
    if (expected.dtype !== "float32" || !Number.isFinite(number)) return true;
    return !(Math.abs(other - number) <= reordered.absolute + reordered.relative * Math.abs(number));
  });
  return at < 0 ? undefined : `element ${at} is ${seen.data[at]}, not ${expected.data[at]}`;
}

describe.each([
  ["numbers", false],
  ["NaN, infinities and zeros", true],
] as const)("graphs over %s", (_, withSpecial) => {
  // What a block or a kernel lacks is filled with zeros, of which infinity makes NaN: not for special numbers.
  const all = withSpecial ? passList(evaluateConstants) : passList(evaluateConstants, blockTarget).map(inBlocks);
  // A pass that stands several times in the list is tried once.
  const passes = all.filter(({ name }) => !/ (again|a third time)$/.test(name));
  const changed = new Map(passes.map(({ name }) => [name, 0]));
  const met = new Set<OpName>();

  test(
    "compute the same after each pass alone, and after all",
    () => {
      fc.assert(
        fc.property(instructions, fc.nat(1000), (list, number) => {
          const { graph, inputs } = buildGraph(list, number, withSpecial);
          verifyGraph(graph, "building");
          for (const { op } of nodesOf(graph)) met.add(op);
          const expected = interpret(graph, inputs);
          for (const { name, run } of passes) {
            const after = verifyGraph(run(graph), name);
            if (after.outputs.every(({ value }, i) => value === graph.outputs[i].value)) continue;
            changed.set(name, (changed.get(name) ?? 0) + 1);
            requireSame(graph, after, inputs, expected);
          }
          const whole = passes.reduce((current, { run }) => run(current), graph);
          requireSame(graph, whole, inputs, expected);
          const optimized = optimize(graph, evaluateConstants);
          requireSame(graph, optimized, inputs, expected);
          const again = optimize(optimized, evaluateConstants);
          requireSame(optimized, again, inputs, expected);
          // A reshape copies nothing. What passes take out of a loop, and how often, is not settled in one run.
          const counts = [graph, optimized, again].map(
            (one) => nodesOf(one).filter(({ op }) => op !== "reshape").length,
          );
          if (counts[2] > counts[1] && !nodesOf(graph).some(({ op }) => op === "scan"))
            throw new Error(`a second run adds nodes: ${counts}\n${printGraph(optimized)}=>\n${printGraph(again)}`);
        }),
        { numRuns: withSpecial ? Math.ceil(runs.passes / 2) : runs.passes, ...common },
      );
    },
    patience,
  );

  test("and put each pass to work, over every op", () => {
    expect([...changed].filter(([, count]) => count === 0)).toEqual([]);
    expect(opNames.filter((op) => !met.has(op))).toEqual([]);
  });
});

describe("on the CPU backend", () => {
  const backend = createCpuBackend({ threads: 2 });
  afterAll(() => backend.dispose());

  test(
    "optimized and lowered graphs compute what the interpreter does",
    async () => {
      await fc.assert(
        fc.asyncProperty(instructions, fc.nat(1000), async (list, number) => {
          const { graph, inputs } = buildGraph(list, number);
          const program = await backend.compile(graph, "fuzz");
          const outputs = await program.run(inputs.map(toHost));
          await program.dispose();
          interpret(graph, inputs).forEach((expected, i) => {
            const found = difference(outputs[i], expected, inFloat32);
            if (found) throw new Error(`output ${i}: ${found}\n${printGraph(graph)}`);
          });
        }),
        { numRuns: runs.backend, ...common },
      );
    },
    patience,
  );
});
