/** Tests of what the op table refuses. */

import { expect, test } from "vitest";
import { type DType, GalateaError } from "../../src/core/base/index.ts";
import { type AttrsOf, emitValue, inputValue, type OpName, type Value } from "../../src/core/graph/index.ts";

/** A named input of a type. */
export function typedValue(dtype: DType, ...shape: number[]): Value {
  return inputValue("x", { dtype, shape });
}

export function floatOf(...shape: number[]): Value {
  return typedValue("float32", ...shape);
}

/** Registers a test of a wrong use of an op, with its whole message after the op's name. */
export function refused<N extends OpName>(
  op: N,
  inputs: readonly Value[],
  attrs: NoInfer<AttrsOf<N>>,
  message: string,
): void {
  test(`${op}: ${message}`, () => {
    let seen: unknown;
    try {
      emitValue(op, inputs, attrs);
    } catch (error) {
      seen = error;
    }
    expect(seen).toBeInstanceOf(GalateaError);
    expect((seen as GalateaError).message).toBe(`${op}: ${message}`);
  });
}
