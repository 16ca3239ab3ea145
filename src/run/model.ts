/** A family on a backend: its traced functions as functions of numbers, each compiled when first used. */

import {
  type ArgumentTypes,
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
import { type Arguments, type Backend, type DeviceBuffer, type HostTensor, type Jitted, jit } from "../engine/index.ts";
import type { Family, SampleRequest, TensorBatch } from "../learn/models/index.ts";
import { type Batch, cutBatch } from "./data/index.ts";

/** Parameters of a family, on the device. */
export type DeviceParameters = Tree<DeviceBuffer>;

/** Named results in host memory. */
export type Results = Readonly<Record<string, HostTensor>>;

/** What the family can do, with numbers. An ability that the family lacks is absent. */
export interface Model {
  readonly family: Family;
  sample(parameters: DeviceParameters, key: Key, request: HostRequest): Promise<Results>;
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
  readonly drawLatents?: (parameters: DeviceParameters, key: Key, count: number) => Promise<HostTensor>;
  readonly decode?: (parameters: DeviceParameters, latents: HostTensor, conditions: HostBatch) => Promise<Results>;
  readonly reconstruct?: (parameters: DeviceParameters, batch: HostBatch) => Promise<Results>;
  readonly denoise?: (parameters: DeviceParameters, batch: HostBatch, key: Key, noise: number) => Promise<Results>;
  readonly inpaint?: (parameters: DeviceParameters, batch: HostBatch, key: Key, mask: HostTensor) => Promise<Results>;
  readonly translate?: (parameters: DeviceParameters, batch: HostBatch, direction: string) => Promise<Results>;
  readonly inspect?: (parameters: DeviceParameters, batch: HostBatch) => Promise<Results>;
  dispose(): Promise<void>;
}

/** What to sample, in numbers. */
export type HostRequest = Omit<SampleRequest, "conditions"> & { readonly conditions: HostBatch };

/** A batch with its types. */
export type HostBatch = Readonly<Record<string, HostTensor>>;

export function keyTensor(key: Key): HostTensor {
  return { dtype: "uint32", shape: [2], data: Uint32Array.from(key) };
}

/**
 * The fields of a batch that a family reads.
 * @param share of the length of its sequences that is kept
 */
export function toHostBatch(family: Family, batch: Batch, count: number, share = 1): HostBatch {
  const cut = cutBatch(batch, family.inputs, family.sequences ?? [], share);
  const fields = Object.entries(cut.fields).map(([name, { dtype, shape }]) => [
    name,
    { dtype, shape: [count, ...shape], data: cut.batch[name] },
  ]);
  return Object.fromEntries(fields) as HostBatch;
}

/** The fields of a batch that a family is told when it samples. */
export function toConditions({ conditions = {} }: Pick<Family, "conditions">, batch: Batch, count: number): HostBatch {
  const fields = Object.entries(conditions).map(([name, { dtype, shape }]) => [
    name,
    { dtype, shape: [count, ...shape], data: batch[name] },
  ]);
  return Object.fromEntries(fields) as HostBatch;
}

/** Types of a batch of `count` examples. */
export function batchTypes(family: Pick<Family, "inputs">, count: number): Readonly<Record<string, TensorType>> {
  return Object.fromEntries(
    Object.entries(family.inputs).map(([name, { dtype, shape }]) => [name, { dtype, shape: [count, ...shape] }]),
  );
}

/** Structure and types of a family's parameters. */
export function parameterTypes(family: Pick<Family, "init">): Tree<TensorType> {
  const traced = trace({ key: { dtype: "uint32", shape: [2] } as TensorType }, ({ key }) => family.init(key as Tensor));
  return typesOf<TensorTree>(traced.output) as Tree<TensorType>;
}

/**
 * Puts saved parameters onto the device.
 * @throws GalateaError `checkpoint` when one is missing or has another shape.
 */
export async function loadParameters(
  backend: Backend,
  family: Pick<Family, "init">,
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

/** Everything that a family's functions take; each call gives those that its function reads. */
interface Given {
  readonly parameters: TensorTree;
  readonly batch: TensorBatch;
  readonly key: Tensor;
  readonly noise: Tensor;
  readonly latents: Tensor;
  readonly conditions: TensorBatch;
  readonly mask: Tensor;
}

/** Makes a family's functions callable with numbers. */
export function createModel(backend: Backend, family: Family): Model {
  const compiled = new Map<string, Jitted<ArgumentTypes, TensorTree>>();
  /** A label stands for one function: numbers that it closes over, such as counts, belong into it. */
  const call = <R>(label: string, args: Arguments, fn: (given: Given) => TensorTree): Promise<R> => {
    const known = compiled.get(label);
    const jitted = known ?? jit(backend, `${family.name} ${label}`, (traced) => fn(traced as unknown as Given));
    compiled.set(label, jitted);
    return jitted(args as never) as Promise<R>;
  };
  const { score, logProb, drawLatents, encode, decode, reconstruct, denoise, inpaint, translate, inspect } = family;
  return {
    family,
    sample: (parameters, key, { count, conditions, controls }) => {
      const label = `sample ${count} ${JSON.stringify(controls)}`;
      return call<Results>(label, { parameters, key: keyTensor(key), conditions }, (given) =>
        family.sample(given.parameters, given.key, { count, controls, conditions: given.conditions }),
      );
    },
    ...(score && {
      score: (parameters, batch, key) =>
        call<Results>("score", { parameters, batch, key: keyTensor(key) }, (given) =>
          score(given.parameters, given.batch, given.key),
        ),
    }),
    ...(logProb && {
      logProb: (parameters, batch, { key, noise }, samples) => {
        const args = { parameters, batch, key: keyTensor(key), noise: keyTensor(noise) };
        return call<HostTensor>(`logProb ${samples}`, args, (given) =>
          logProb(given.parameters, given.batch, { key: given.key, noise: given.noise, samples }),
        );
      },
    }),
    ...(encode && {
      encode: (parameters, batch) =>
        call<HostTensor>("encode", { parameters, batch }, (given) => encode(given.parameters, given.batch)),
    }),
    ...(decode && {
      decode: (parameters, latents, conditions) =>
        call<Results>("decode", { parameters, latents, conditions }, (given) =>
          decode(given.parameters, given.latents, given.conditions),
        ),
    }),
    ...(drawLatents && {
      drawLatents: (parameters, key, count) =>
        call<HostTensor>(`drawLatents ${count}`, { parameters, key: keyTensor(key) }, (given) =>
          drawLatents(given.parameters, given.key, count),
        ),
    }),
    ...(reconstruct && {
      reconstruct: (parameters, batch) =>
        call<Results>("reconstruct", { parameters, batch }, (given) => reconstruct(given.parameters, given.batch)),
    }),
    ...(denoise && {
      denoise: (parameters, batch, key, noise) =>
        call<Results>(`denoise ${noise}`, { parameters, batch, key: keyTensor(key) }, (given) =>
          denoise(given.parameters, given.batch, { key: given.key, noise }),
        ),
    }),
    ...(inpaint && {
      inpaint: (parameters, batch, key, mask) =>
        call<Results>("inpaint", { parameters, batch, key: keyTensor(key), mask }, (given) =>
          inpaint(given.parameters, given.batch, { key: given.key, mask: given.mask }),
        ),
    }),
    ...(translate && {
      translate: (parameters, batch, direction) =>
        call<Results>(`translate ${direction}`, { parameters, batch }, (given) =>
          translate(given.parameters, given.batch, direction),
        ),
    }),
    ...(inspect && {
      inspect: (parameters, batch) =>
        call<Results>("inspect", { parameters, batch }, (given) => inspect(given.parameters, given.batch)),
    }),
    dispose: async () => {
      for (const { dispose } of compiled.values()) await dispose();
    },
  };
}
