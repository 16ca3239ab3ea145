/** What one entry of the op table says. */

import { type DType, type ErrorCode, formatShape, type Shape } from "../../base/index.ts";

/** Element type and shape of a tensor. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** What the op table sees of a graph that an op holds as an attribute: the types that go in and come out. */
export interface Body {
  readonly inputs: readonly TensorType[];
  readonly outputs: readonly { readonly name: string; readonly value: TensorType }[];
}

export interface OpDefinition<Attrs> {
  /** One line for people: formula, where useful the source. */
  readonly doc: string;
  /**
   * Shapes of inputs and outputs, such as `[..., M, K] x [..., K, N] -> [..., M, N]`. A letter is a size; `...` any
   * axes, which broadcast where several inputs have them; `A...` the same axes wherever it stands; other names are
   * attributes.
   */
  readonly shapes: string;
  /** The output types for these inputs. Throws {@link OpProblem} where they do not fit. */
  readonly infer: (inputs: readonly TensorType[], attrs: Attrs) => readonly TensorType[];
  /** False for ops whose derivative is zero or undefined everywhere: no gradient flows through them. */
  readonly differentiable: boolean;
  /** What is wrong with asking for a gradient through it, and what is right: an error, rather than no gradient. */
  readonly refusesGradient?: readonly [what: string, right: string];
  /** True where the order of two inputs does not matter, to the last bit. */
  readonly commutative: boolean;
}

export type NoAttrs = Record<string, never>;

/** What a shape rule found wrong; `emit` adds the layer path and the op's name. */
export class OpProblem extends Error {
  readonly code: ErrorCode;
  readonly right: string;

  constructor(code: ErrorCode, what: string, right: string) {
    super(what);
    this.code = code;
    this.right = right;
  }
}

type Rule<Attrs> = Pick<OpDefinition<Attrs>, "doc" | "shapes" | "infer">;

/** An op with a gradient. */
export function op<Attrs = NoAttrs>(rule: Rule<Attrs>): OpDefinition<Attrs> & { readonly differentiable: true } {
  return { ...rule, differentiable: true, commutative: false };
}

/** An op without a gradient, which it thereby says. */
export function discreteOp<Attrs = NoAttrs>(
  rule: Rule<Attrs>,
): OpDefinition<Attrs> & { readonly differentiable: false } {
  return { ...rule, differentiable: false, commutative: false };
}

/** An op through which nobody may ask for a gradient. */
export function opWithoutGradient<Attrs>(
  rule: Rule<Attrs>,
  refusesGradient: readonly [what: string, right: string],
): OpDefinition<Attrs> & { readonly differentiable: false } {
  return { ...discreteOp(rule), refusesGradient };
}

/** The same definition, its two inputs exchangeable. */
export function commutative<D extends OpDefinition<never>>(definition: D): D {
  return { ...definition, commutative: true };
}

export function requireInputs(inputs: readonly TensorType[], count: number): void {
  if (inputs.length !== count) {
    throw new OpProblem("internal", `got ${inputs.length} inputs`, `it takes ${count}`);
  }
}

export function requireDType(input: TensorType, allowed: readonly DType[], role: string): void {
  if (allowed.includes(input.dtype)) return;
  const storage = input.dtype === "float16" && allowed.includes("float32");
  const right = storage ? "float16 is for storage: cast to float32" : `it must be ${allowed.join(" or ")}`;
  throw new OpProblem("dtype", `${role} is ${input.dtype}`, right);
}

export function requireAxis(axis: number, type: TensorType): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= type.shape.length) {
    throw new OpProblem("shape", `axis ${axis} is outside ${formatShape(type.shape)}`, "it counts from 0 here");
  }
}

/** Distinct axes, ascending. */
export function requireAxes(axes: readonly number[], shape: Shape): void {
  const invalid = axes.some(
    (axis, i) => !Number.isInteger(axis) || axis < 0 || axis >= shape.length || (i > 0 && axis <= axes[i - 1]),
  );
  if (invalid) {
    throw new OpProblem(
      "shape",
      `axes ${formatShape(axes)} of ${formatShape(shape)}`,
      "they must ascend and lie within the rank",
    );
  }
}
