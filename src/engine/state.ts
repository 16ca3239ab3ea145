/** State that stays on the device between steps. What a step may write over the old numbers has one buffer; of the
 * rest there are two, read one and write the other, then swap. JavaScript never copies them. */

import {
  bytesPerElement,
  formatShape,
  GalateaError,
  type HostArray,
  leavesOf,
  type MapLeaves,
  sameShape,
  sizeOf,
  type Tree,
  treeFromLeaves,
} from "../core/base/index.ts";
import { type Graph, type TensorType, uniformConstant } from "../core/graph/index.ts";
import { type ArgumentTypes, type Tensor, type TensorTree, trace, typesOf } from "../core/trace/index.ts";
import type { Backend, DeviceBuffer, HostTensor, Operand, Program } from "./backend.ts";
import { compileFunction } from "./jit.ts";

/** State is a record, so that its parts can be arguments beside feeds. */
export type StateTree = Readonly<Record<string, TensorTree>>;

/** A tree of numbers on the device that programs read and one program at a time replaces. */
export interface DeviceState<S> {
  /** Memory that it takes, second copies included. */
  bytes(): number;
  /** Allocates the second copies that updates by a program need. Each program is prepared before its first update. */
  prepare(program: Program): Promise<void>;
  /** The buffers that hold the current numbers, as a tree. Valid until the next update is started. */
  current(): MapLeaves<S, Tensor, DeviceBuffer>;
  /** Starts a run that reads the state and writes the next one; see {@link compileUpdate}. */
  update(program: Program, feeds: readonly Operand[]): Promise<readonly HostTensor[]>;
  /** All numbers with their paths, in host memory. */
  read(): Promise<ReadonlyMap<string, HostTensor>>;
  /**
   * Replaces all numbers, by path.
   * @param source where they come from, for messages
   * @throws GalateaError `checkpoint` when one is missing or has another type, before anything is written.
   */
  write(tensors: ReadonlyMap<string, HostTensor>, source: string): Promise<void>;
  dispose(): Promise<void>;
}

function bytesOf({ dtype, shape }: TensorType): number {
  return sizeOf(shape) * bytesPerElement(dtype);
}

/** A result that is all zeros, as fresh memory is. */
function isZero({ value }: Graph["outputs"][number]): boolean {
  return Object.is(uniformConstant(value), 0);
}

/** The buffers that an initialization fills; what it leaves zero, such as moments, is not computed. */
async function initialize(
  backend: Backend,
  label: string,
  graph: Graph,
  feeds: readonly Operand[],
): Promise<DeviceBuffer[]> {
  const filled = graph.outputs.filter((output) => !isZero(output));
  const buffers: DeviceBuffer[] = [];
  for (const { value } of graph.outputs) buffers.push(await backend.allocate(value));
  if (filled.length === 0) return buffers;
  const program = await backend.compile({ inputs: graph.inputs, outputs: filled }, label, { once: true });
  try {
    const into = buffers.filter((_, i) => !isZero(graph.outputs[i]));
    await program.run(feeds, into);
    return buffers;
  } finally {
    await program.dispose();
  }
}

function dataFor(path: string, type: TensorType, tensor: HostTensor | undefined, source: string): HostArray {
  if (!tensor) throw new GalateaError("checkpoint", source, `${path} is missing`, "the file is of another model");
  if (tensor.dtype !== type.dtype || !sameShape(tensor.shape, type.shape)) {
    const seen = `${path} is ${tensor.dtype}${formatShape(tensor.shape)}`;
    throw new GalateaError("checkpoint", source, seen, `the model needs ${type.dtype}${formatShape(type.shape)}`);
  }
  return tensor.data;
}

/** State that is being made; its types are known before its numbers. */
export interface StartingState<S> {
  /** Types of the leaves, a tree of the state's structure. */
  readonly types: ArgumentTypes;
  /** @throws GalateaError `backend` when the initialization fails */
  readonly ready: Promise<DeviceState<S>>;
}

/**
 * Creates state by a traced function, such as the initialization of a model and its optimizer. The device fills it
 * while the caller goes on, for instance to trace the updates.
 * @param feeds the function's arguments
 */
export function createState<A extends ArgumentTypes, S extends StateTree>(
  backend: Backend,
  label: string,
  types: A,
  feeds: readonly Operand[],
  init: (args: MapLeaves<A, TensorType, Tensor>) => S,
): StartingState<S> {
  const traced = trace(types, init);
  const structure = typesOf(traced.output) as unknown as Tree<TensorType>;
  const ready = initialize(backend, label, traced.graph, feeds).then((front) =>
    stateOf<S>(backend, label, structure, front),
  );
  // Whoever waits for it is told.
  ready.catch(() => {});
  return { types: structure as unknown as ArgumentTypes, ready };
}

/** @param front the buffers of the leaves, in their order */
function stateOf<S extends StateTree>(
  backend: Backend,
  label: string,
  structure: Tree<TensorType>,
  front: DeviceBuffer[],
): DeviceState<S> {
  const leaves = leavesOf<TensorType>(structure);
  /** Where the next numbers go that may not be written over the last ones. */
  const back: (DeviceBuffer | undefined)[] = leaves.map(() => undefined);
  /** For each prepared program, whether it writes each leaf over the last one. */
  const inPlace = new WeakMap<Program, readonly boolean[]>();
  const allBuffers = (): DeviceBuffer[] => [...front, ...back.filter((buffer) => buffer !== undefined)];
  return {
    bytes: () => allBuffers().reduce((sum, buffer) => sum + bytesOf(buffer), 0),
    prepare: async (program) => {
      const over = leaves.map((_, i) => program.overwrites?.(i, i) ?? false);
      for (const [i, { value }] of leaves.entries()) if (!over[i]) back[i] ??= await backend.allocate(value);
      inPlace.set(program, over);
    },
    current: () => treeFromLeaves<TensorType, DeviceBuffer>(structure, front) as MapLeaves<S, Tensor, DeviceBuffer>,
    update: (step, stepFeeds) => {
      const over = inPlace.get(step);
      if (!over) throw new GalateaError("internal", label, "an update by a program that was not prepared");
      const into = leaves.map((_, i) => (over[i] ? front[i] : back[i]));
      const results = step.run(
        [...front, ...stepFeeds],
        [...into, ...step.outputs.slice(into.length).map(() => undefined)],
      );
      into.forEach((buffer, i) => {
        if (over[i] || !buffer) return;
        back[i] = front[i];
        front[i] = buffer;
      });
      return results;
    },
    read: async () => {
      const tensors = new Map<string, HostTensor>();
      for (const [i, { path, value }] of leaves.entries()) {
        tensors.set(path, { dtype: value.dtype, shape: value.shape, data: await backend.read(front[i]) });
      }
      return tensors;
    },
    write: async (tensors, source) => {
      const arrays = leaves.map(({ path, value }) => dataFor(path, value, tensors.get(path), source));
      for (const [i, data] of arrays.entries()) await backend.write(front[i], data);
    },
    dispose: async () => {
      for (const buffer of allBuffers()) await buffer.dispose();
    },
  };
}

/** What an update gives: the next state, of the same structure, and results for the host. */
export interface Update<S extends StateTree, R extends TensorTree> {
  readonly state: S;
  readonly results: R;
}

/**
 * Compiles one update of a state: a function of the state and named feeds. Its program's inputs are the
 * state's leaves, then the feeds'; its outputs the next state's leaves, then the results'.
 */
export async function compileUpdate<S extends StateTree, F extends ArgumentTypes, R extends TensorTree>(
  backend: Backend,
  label: string,
  state: StartingState<S>,
  feeds: F,
  fn: (state: S, feeds: MapLeaves<F, TensorType, Tensor>) => Update<S, R>,
): Promise<{ readonly program: Program; readonly results: R }> {
  const stateTypes = state.types;
  const { program, traced } = await compileFunction(backend, label, { ...stateTypes, ...feeds }, (args) => {
    const pick = (names: object): unknown => {
      const given = args as Readonly<Record<string, unknown>>;
      return Object.fromEntries(Object.keys(names).map((name) => [name, given[name]]));
    };
    const next = fn(pick(stateTypes) as S, pick(feeds) as MapLeaves<F, TensorType, Tensor>);
    return { state: next.state, results: next.results } as const;
  });
  const { prepare } = await state.ready;
  await prepare(program);
  return { program, results: traced.output.results };
}
