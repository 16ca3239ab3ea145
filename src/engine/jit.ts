/** jit: a traced function as an asynchronous one over numbers, compiled once for each signature. */

import {
  formatShape,
  GalateaError,
  leavesOf,
  type MapLeaves,
  mapTree,
  type Tree,
  treeFromLeaves,
} from "../core/base/index.ts";
import type { TensorType } from "../core/graph/index.ts";
import { type ArgumentTypes, type Tensor, type TensorTree, type Traced, trace } from "../core/trace/index.ts";
import type { Backend, HostTensor, Operand, Program } from "./backend.ts";

/** Named arguments as numbers or device buffers. */
export type Arguments = Readonly<Record<string, Tree<Operand>>>;

export interface Compiled<Out> {
  readonly program: Program;
  readonly traced: Traced<Out>;
}

/** A function that was traced and compiled; call `dispose` to free its programs. */
export interface Jitted<A extends ArgumentTypes, Out extends TensorTree> {
  /** Runs on these arguments and gives the result in host memory, as a tree of the traced structure. */
  (
    args: { readonly [K in keyof A]: MapLeaves<A[K], TensorType, Operand> },
  ): Promise<MapLeaves<Out, Tensor, HostTensor>>;
  dispose(): Promise<void>;
}

function typeOf({ dtype, shape }: TensorType): TensorType {
  return { dtype, shape };
}

/** Two argument lists with equal signatures share one program. */
function signatureOf(args: Arguments): string {
  return leavesOf<Operand>(args as Tree<Operand>)
    .map(({ path, value }) => `${path}:${value.dtype}${formatShape(value.shape)}`)
    .join(" ");
}

/** Traces and compiles a function of named arguments for given types. */
export async function compileFunction<A extends ArgumentTypes, Out extends TensorTree>(
  backend: Backend,
  label: string,
  types: A,
  fn: (args: MapLeaves<A, TensorType, Tensor>) => Out,
): Promise<Compiled<Out>> {
  const traced = trace(types, fn);
  return { traced, program: await backend.compile(traced.graph, label) };
}

/**
 * Makes a traced function callable with numbers. The first call with new argument types traces and
 * compiles; later ones reuse the program.
 * @param label names the program in messages and profiles
 */
export function jit<A extends ArgumentTypes, Out extends TensorTree>(
  backend: Backend,
  label: string,
  fn: (args: MapLeaves<A, TensorType, Tensor>) => Out,
): Jitted<A, Out> {
  const compiled = new Map<string, Promise<Compiled<Out>>>();
  const call = async (args: Arguments): Promise<unknown> => {
    const signature = signatureOf(args);
    let entry = compiled.get(signature);
    if (!entry) {
      const types = mapTree<Operand, TensorType>(args as Tree<Operand>, typeOf) as A;
      entry = compileFunction(backend, label, types, fn);
      compiled.set(signature, entry);
      // A failed compilation is not remembered: the next call reports it again.
      entry.catch(() => compiled.delete(signature));
    }
    const { program, traced } = await entry;
    const outputs = await program.run(leavesOf<Operand>(args as Tree<Operand>).map(({ value }) => value));
    return treeFromLeaves<Tensor, HostTensor>(traced.output as Tree<Tensor>, outputs);
  };
  const dispose = async (): Promise<void> => {
    const entries = [...compiled.values()];
    compiled.clear();
    for (const entry of entries) await (await entry).program.dispose();
  };
  return Object.assign(call, { dispose }) as Jitted<A, Out>;
}

/** Checks operands against what a program declares. */
export function checkOperands(label: string, expected: readonly TensorType[], given: readonly TensorType[]): void {
  if (expected.length !== given.length) {
    throw new GalateaError("backend", label, `got ${given.length} operands`, `it takes ${expected.length}`);
  }
  expected.forEach((type, i) => {
    const seen = given[i];
    if (type.dtype !== seen.dtype || formatShape(type.shape) !== formatShape(seen.shape)) {
      throw new GalateaError(
        "backend",
        label,
        `operand ${i} is ${seen.dtype}${formatShape(seen.shape)}`,
        `it must be ${type.dtype}${formatShape(type.shape)}`,
      );
    }
  });
}
