/** The memory that a recorded run fills: which values take some, and until when. */

import type { OnnxModel, OnnxWiring } from "../../core/index.ts";
import type { RecordedValue } from "../../engine/index.ts";
import type { KernelRun } from "./kernel-run.ts";

/** Bytes per element, by the runtime's names. */
const elementBytes: Readonly<Record<string, number>> = {
  ...{ float: 4, double: 8, float16: 2, bfloat16: 2, bool: 1 },
  ...{ int8: 1, uint8: 1, int16: 2, uint16: 2, int32: 4, uint32: 4, int64: 8, uint64: 8 },
};

/** Operators whose output is their input's memory. */
const views: ReadonlySet<string> = new Set(["Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"]);

/** Operators that write over an input of the same size that nothing else needs. */
const inPlace: ReadonlySet<string> = new Set([
  ...["Add", "Sub", "Mul", "Div", "Neg", "Abs", "Exp", "Log", "Sqrt", "Reciprocal", "Floor", "Ceil", "Erf", "Clip"],
  ...["Relu", "LeakyRelu", "Elu", "Sigmoid", "Tanh", "Softmax", "LogSoftmax", "Softplus", "Pow", "Not"],
]);

/** Memory that one or several values share, one after the other or as views. */
interface Block {
  readonly value: Omit<RecordedValue, "lastUse">;
  lastUse: number;
}

/**
 * The values that each kernel allocates, for a graph in the order in which it ran. A program's inputs and outputs
 * are the caller's memory and do not count.
 */
export function valuesOf(
  model: OnnxModel,
  optimized: readonly OnnxWiring[],
  kernels: readonly KernelRun[],
): RecordedValue[][] {
  const callers = new Set([...model.inputs, ...model.outputs].map(({ name }) => name));
  const lastUses = new Map<string, number>();
  optimized.forEach(({ inputs, outputs }, place) => {
    for (const name of [...outputs, ...inputs]) lastUses.set(name, place);
  });
  const blocks = new Map<string, Block>();
  const allocated = optimized.map(({ opType, inputs, outputs }, place) => {
    const types = typesOf(kernels[place]);
    return outputs.flatMap((name, i): Block[] => {
      const type = types[i];
      if (name === "" || callers.has(name) || type === undefined) return [];
      const lastUse = lastUses.get(name) ?? place;
      const under = views.has(opType) ? blocks.get(inputs[0]) : undefined;
      if (under) {
        under.lastUse = Math.max(under.lastUse, lastUse);
        blocks.set(name, under);
        return [];
      }
      const block: Block = { value: type, lastUse };
      if (inPlace.has(opType)) {
        const dying = inputs.map((input) => blocks.get(input));
        const reused = dying.find((one) => one?.lastUse === place && one.value.bytes === type.bytes);
        if (reused) reused.lastUse = place - 1;
      }
      blocks.set(name, block);
      return [block];
    });
  });
  return allocated.map((made) => made.map(({ value, lastUse }) => ({ ...value, lastUse })));
}

/** Types of a kernel's outputs, as its event tells: `[{"float": [2, 3]}]`. */
function typesOf({ event }: KernelRun): Omit<RecordedValue, "lastUse">[] {
  const given = (event.args.output_type_shape ?? []) as readonly Readonly<Record<string, readonly number[]>>[];
  return given.map((one) => {
    const [dtype, shape] = Object.entries(one)[0] ?? ["float", [0]];
    return { dtype, shape, bytes: shape.reduce((size, axis) => size * axis, elementBytes[dtype] ?? 4) };
  });
}
