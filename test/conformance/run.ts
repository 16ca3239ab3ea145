/** The conformance suite: each case of each op on a backend, against the reference interpreter. */

import { describe, expect, test } from "vitest";
import { type DType, formatShape, isFloat, numbersOf, roundToFloat16, sameShape } from "../../src/core/base/index.ts";
import { emit, type Graph, inputValue, type OpName, opNames } from "../../src/core/graph/index.ts";
import type { HostTensor } from "../../src/engine/backend.ts";
import { type HostValue, interpret, toHost } from "../../src/engine/interpreter/index.ts";
import { type ConformanceCase, conformanceCases } from "./cases.ts";
import { type Tolerance, tolerances } from "./cases-tolerances.ts";

/** Compiles a graph and runs it once. */
export type RunGraph = (graph: Graph, inputs: readonly HostTensor[]) => Promise<readonly HostTensor[]>;

/** Where a backend may do otherwise than the interpreter; each with a reason beside it. */
export interface Leniency {
  /** Tolerances by op, in place of the common ones. */
  readonly tolerances?: Readonly<Record<string, Tolerance>>;
  /** Ops of which elements that should be NaN or infinite may be anything. */
  readonly finiteOnly?: (op: OpName) => boolean;
  /** Why the backend refuses to run a case; `undefined` where it must run it. */
  readonly refusal?: (one: ConformanceCase) => string | undefined;
}

/** Why a backend is excused from a case, by `op: case name`; an op's name alone excuses all of its cases. */
export type Skips = Readonly<Record<string, string>>;

/** A graph of one case: its op over inputs named `x0`, `x1`, ..., with outputs `y0`, `y1`, ... */
export function graphOf({ op, attrs, inputs }: ConformanceCase): Graph {
  const values = inputs.map((value, i) => inputValue(`x${i}`, value));
  const outputs = op === "input" ? values : emit(op, values, attrs).outputs;
  return { inputs: values, outputs: outputs.map((value, i) => ({ name: `y${i}`, value })) };
}

/** Registers one test for each case. A skip that names no case is an error. */
export function conformsOn(backendName: string, run: RunGraph, skips: Skips = {}, leniency: Leniency = {}): void {
  describe(`${backendName} conforms`, () => {
    const unused = new Set(Object.keys(skips));
    for (const op of opNames) {
      describe(op, () => {
        for (const one of conformanceCases.filter((candidate) => candidate.op === op)) {
          const name = `${op}: ${one.name}`;
          const reason = skips[name] ?? skips[op] ?? leniency.refusal?.(one);
          unused.delete(skips[name] === undefined ? op : name);
          test.skipIf(reason !== undefined)(reason ? `${one.name} (skipped: ${reason})` : one.name, async () => {
            await expectConformance(one, run, leniency);
          });
        }
      });
    }
    test("each skip names a case", () => {
      expect([...unused]).toEqual([]);
    });
  });
}

async function expectConformance(one: ConformanceCase, run: RunGraph, leniency: Leniency): Promise<void> {
  const graph = graphOf(one);
  const expected = interpret(graph, one.inputs);
  const outputs = await run(graph, one.inputs.map(toHost));
  expect(differences(one.op, outputs, expected, leniency)).toEqual(expected.map(() => undefined));
  expect(outputs.length).toBe(expected.length);
}

/** For each output of an op, where and how it differs from the interpreter's; `undefined` where it does not. */
export function differences(
  op: OpName,
  outputs: readonly HostTensor[],
  expected: readonly HostValue[],
  leniency: Leniency,
): readonly (string | undefined)[] {
  const tolerance = leniency.tolerances?.[op] ?? tolerances[op];
  const finiteOnly = leniency.finiteOnly?.(op) ?? false;
  return expected.map((exact, i) => {
    const seen = finiteOnly ? withNonFiniteOf(exact, outputs[i]) : outputs[i];
    return difference(seen, exact, tolerance);
  });
}

/** A backend's output with the NaN and infinities that it should have, whatever stands in their places. */
function withNonFiniteOf({ data: exact }: HostValue, seen: HostTensor): HostTensor {
  if (seen.dtype !== "float32") return seen;
  const data = Float32Array.from(seen.data as Float32Array, (number, i) =>
    i >= exact.length || Number.isFinite(Math.fround(exact[i])) ? number : exact[i],
  );
  return { ...seen, data };
}

/** Where and how a backend's output differs from the interpreter's; `undefined` where it does not. */
export function difference(seen: HostTensor, expected: HostValue, tolerance: Tolerance): string | undefined {
  if (seen.dtype !== expected.dtype) return `it is ${seen.dtype}, not ${expected.dtype}`;
  if (!sameShape(seen.shape, expected.shape)) {
    return `its shape is ${formatShape(seen.shape)}, not ${formatShape(expected.shape)}`;
  }
  if (seen.data.length !== expected.data.length) {
    return `it has ${seen.data.length} elements, not ${expected.data.length}`;
  }
  const numbers = numbersOf(seen.dtype, seen.data);
  const at = expected.data.findIndex((number, i) => !agrees(numbers[i], number, seen.dtype, tolerance));
  return at < 0 ? undefined : `element ${at} is ${numbers[at]}, not ${expected.data[at]}`;
}

/** NaN equals NaN, an infinity only itself, 0 equals -0; only floats are given a tolerance. */
function agrees(seen: number, exact: number, dtype: DType, { relative, absolute }: Tolerance): boolean {
  const expected = dtype === "float32" ? Math.fround(exact) : dtype === "float16" ? roundToFloat16(exact) : exact;
  if (seen === expected || (Number.isNaN(seen) && Number.isNaN(expected))) return true;
  if (!isFloat(dtype) || !Number.isFinite(expected)) return false;
  return Math.abs(seen - expected) <= absolute + relative * Math.abs(expected);
}
