/** A family on a backend: its traced functions as functions of numbers, each compiled when first used. */

import {
  formatShape,
  GalateaError,
  type HostArray,
  type Key,
  leavesOf,
  mapTree,
  sameShape,
  type Tensor,
  type TensorTree,
  type TensorType,
  type Tree,
  trace,
  typesOf,
} from "../core/index.ts";
import { type Backend, type DeviceBuffer, type HostTensor, jit, type Operand } from "../engine/index.ts";
import type { Family, TensorBatch } from "../learn/models/index.ts";
import type { Batch } from "./data/index.ts";

/** Parameters of a family, on the device. */
export type DeviceParameters = Tree<DeviceBuffer>;

/** Named results in host memory. */
export type Results = Readonly<Record<string, HostTensor>>;

/** What the family can do, with numbers. An ability that the family lacks is absent. */
export interface Model {
  readonly family: Family;
  sample(parameters: DeviceParameters, key: Key, count: number): Promise<Results>;
  readonly score?: (parameters: DeviceParameters, batch: HostBatch, key: Key) => Promise<Results>;
  /**
   * Log-density of each example of the batch from `samples` importance samples, [B]. `key` decides what is
   * random about the examples, `noise` the samples.
   */
  readonly logProb?: (
    parameters: DeviceParameters,
    batch: HostBatch,
    keys: { readonly key: Key; readonly noise: Key },
    samples: number,
  ) => Promise<HostTensor>;
  readonly encode?: (parameters: DeviceParameters, batch: HostBatch) => Promise<HostTensor>;
  readonly decode?: (parameters: DeviceParameters, latents: HostTensor) => Promise<Results>;
  readonly reconstruct?: (parameters: DeviceParameters, batch: HostBatch) => Promise<Results>;
  dispose(): Promise<void>;
}

/** A batch with its types. */
export type HostBatch = Readonly<Record<string, HostTensor>>;

export function keyTensor(key: Key): HostTensor {
  return { dtype: "uint32", shape: [2], data: Uint32Array.from(key) };
}

/** The fields of a batch that a family reads. */
export function toHostBatch(family: Family, batch: Batch, count: number): HostBatch {
  const fields = Object.entries(family.inputs).map(([name, { dtype, shape }]) => [
    name,
    { dtype, shape: [count, ...shape], data: batch[name] },
  ]);
  return Object.fromEntries(fields) as HostBatch;
}

/** Types of a batch of `count` examples. */
export function batchTypes(family: Family, count: number): Readonly<Record<string, TensorType>> {
  return Object.fromEntries(
    Object.entries(family.inputs).map(([name, { dtype, shape }]) => [name, { dtype, shape: [count, ...shape] }]),
  );
}

/** Structure and types of a family's parameters. */
export function parameterTypes(family: Family): Tree<TensorType> {
  const traced = trace({ key: { dtype: "uint32", shape: [2] } as TensorType }, ({ key }) => family.init(key as Tensor));
  return typesOf<TensorTree>(traced.output) as Tree<TensorType>;
}

/**
 * Puts saved parameters onto the device.
 * @throws GalateaError `checkpoint` when one is missing or has another shape.
 */
export async function loadParameters(
  backend: Backend,
  family: Family,
  saved: Readonly<
    Record<string, { readonly dtype: string; readonly shape: readonly number[]; readonly data: HostArray }>
  >,
  where: string,
): Promise<DeviceParameters> {
  const types = parameterTypes(family);
  const buffers = new Map<string, DeviceBuffer>();
  for (const { path, value } of leavesOf<TensorType>(types)) {
    const tensor = saved[path];
    if (!tensor) throw new GalateaError("checkpoint", where, `the parameter ${path} is missing`);
    if (tensor.dtype !== value.dtype || !sameShape(tensor.shape, value.shape)) {
      const seen = `the parameter ${path} is ${tensor.dtype}${formatShape(tensor.shape)}`;
      throw new GalateaError("checkpoint", where, seen, `the model needs ${value.dtype}${formatShape(value.shape)}`);
    }
    const buffer = await backend.allocate(value);
    await backend.write(buffer, tensor.data);
    buffers.set(path, buffer);
  }
  return mapTree<TensorType, DeviceBuffer>(types, (_, path) => buffers.get(path) as DeviceBuffer);
}

/** Makes a family's functions callable with numbers. */
export function createModel(backend: Backend, family: Family): Model {
  const compiled: { dispose(): Promise<void> }[] = [];
  type Given = Readonly<Record<string, Tree<Tensor>>>;
  const compile = <R>(label: string, fn: (args: Given) => TensorTree) => {
    const jitted = jit(backend, `${family.name} ${label}`, (args) => fn(args as Given));
    compiled.push(jitted);
    return (args: Readonly<Record<string, Tree<Operand>>>): Promise<R> => jitted(args as never) as Promise<R>;
  };
  const bySize = new Map<string, (args: Readonly<Record<string, Tree<Operand>>>) => Promise<unknown>>();
  /** Numbers that are not tensors (counts) make a program of their own each. */
  const compileFor = <R>(label: string, size: number, fn: (args: Given) => TensorTree) => {
    const name = `${label} ${size}`;
    const known = bySize.get(name) ?? compile<R>(name, fn);
    bySize.set(name, known);
    return known as (args: Readonly<Record<string, Tree<Operand>>>) => Promise<R>;
  };
  const { score, logProb, encode, decode, reconstruct } = family;
  const scored =
    score &&
    compile<Results>("score", ({ parameters, batch, key }) =>
      score(parameters as TensorTree, batch as TensorBatch, key as Tensor),
    );
  const encoded =
    encode &&
    compile<HostTensor>("encode", ({ parameters, batch }) => encode(parameters as TensorTree, batch as TensorBatch));
  const decoded =
    decode &&
    compile<Results>("decode", ({ parameters, latents }) => decode(parameters as TensorTree, latents as Tensor));
  const reconstructed =
    reconstruct &&
    compile<Results>("reconstruct", ({ parameters, batch }) =>
      reconstruct(parameters as TensorTree, batch as TensorBatch),
    );
  return {
    family,
    sample: (parameters, key, count) => {
      const run = compileFor<Results>("sample", count, (args) =>
        family.sample(args.parameters as TensorTree, args.key as Tensor, count),
      );
      return run({ parameters, key: keyTensor(key) });
    },
    ...(scored && { score: (parameters, batch, key) => scored({ parameters, batch, key: keyTensor(key) }) }),
    ...(logProb && {
      logProb: (parameters, batch, { key, noise }, samples) => {
        const run = compileFor<HostTensor>("logProb", samples, (args) =>
          logProb(args.parameters as TensorTree, args.batch as TensorBatch, {
            key: args.key as Tensor,
            noise: args.noise as Tensor,
            samples,
          }),
        );
        return run({ parameters, batch, key: keyTensor(key), noise: keyTensor(noise) });
      },
    }),
    ...(encoded && { encode: (parameters, batch) => encoded({ parameters, batch }) }),
    ...(decoded && { decode: (parameters, latents) => decoded({ parameters, latents }) }),
    ...(reconstructed && { reconstruct: (parameters, batch) => reconstructed({ parameters, batch }) }),
    dispose: async () => {
      for (const { dispose } of compiled) await dispose();
    },
  };
}
