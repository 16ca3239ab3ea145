/** What a profile says: a recording of training steps, added up by stage, layer and op. Plain data. */

import { parsePlace, type Stage } from "../core/index.ts";
import type { RecordedKernel, Recording } from "../engine/index.ts";

/** A part of a step's time. */
export interface TimeShare {
  /** The layer path, the op or the stage; empty for what belongs to no layer. */
  readonly name: string;
  /** Milliseconds in a step. */
  readonly ms: number;
  /** Of the time of all kernels, 0 to 1. */
  readonly share: number;
  /** Calls of the runtime's code in a step. */
  readonly kernels: number;
  readonly msByStage: Readonly<Record<Stage, number>>;
}

/** A value that takes memory at the moment when most is taken. */
export interface LiveValue {
  /** What made it: ops, joined by plus signs. */
  readonly op: string;
  readonly layer: string;
  readonly stage: Stage;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** One kernel of the step. */
export interface TimelineEntry {
  /** The runtime's name of the operator. */
  readonly operator: string;
  readonly op: string;
  readonly layer: string;
  readonly stage: Stage;
  /** Kernels inside it included. */
  readonly ms: number;
  /** Bytes of the values alive while it runs; parameters, optimizer and batch not counted. */
  readonly aliveBytes: number;
}

export interface MemoryProfile {
  /** Bytes of the values alive at once at the highest, and the kernel of the timeline at which that is. */
  readonly peakBytes: number;
  readonly peakKernel: number;
  /** Those alive then, largest first. */
  readonly values: readonly LiveValue[];
}

/** Where the runtime's optimizer left no trace of what a kernel computes. */
const unknownOp = "other";

const stages: readonly Stage[] = ["forward", "backward", "update"];

interface TimedKernel {
  readonly op: string;
  readonly layer: string;
  readonly stage: Stage;
  readonly ms: number;
}

/** The middle one, or the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2;
}

function placeOf({ origin }: RecordedKernel): Omit<TimedKernel, "ms"> {
  return { op: origin?.ops.join(" + ") ?? unknownOp, ...parsePlace(origin?.path ?? "") };
}

/** All kernels with their median times. The first `warmUp` runs are left out. */
function timed(kernels: readonly RecordedKernel[], warmUp: number): TimedKernel[] {
  return kernels.flatMap((kernel) => [
    { ...placeOf(kernel), ms: median(kernel.ms.slice(warmUp)) },
    ...timed(kernel.inner ?? [], warmUp),
  ]);
}

/** Adds up kernels that have a name in common; the longest first. */
function sharesBy(kernels: readonly TimedKernel[], nameOf: (kernel: TimedKernel) => string): TimeShare[] {
  const total = kernels.reduce((sum, { ms }) => sum + ms, 0);
  const groups = new Map<string, TimedKernel[]>();
  for (const kernel of kernels) {
    const name = nameOf(kernel);
    const group = groups.get(name) ?? [];
    groups.set(name, group);
    group.push(kernel);
  }
  const shares = [...groups].map(([name, group]): TimeShare => {
    const msIn = (stage: Stage): number =>
      group.reduce((sum, kernel) => sum + (kernel.stage === stage ? kernel.ms : 0), 0);
    const [forward, backward, update] = stages.map(msIn);
    const ms = forward + backward + update;
    return {
      name,
      ms,
      share: total === 0 ? 0 : ms / total,
      kernels: group.length,
      msByStage: { forward, backward, update },
    };
  });
  return shares.sort((a, b) => b.ms - a.ms);
}

export interface TimeProfile {
  /** Milliseconds in kernels in a step. */
  readonly kernelMs: number;
  readonly kernels: number;
  readonly byStage: readonly TimeShare[];
  readonly byLayer: readonly TimeShare[];
  readonly byOp: readonly TimeShare[];
}

/** Where the time of a recorded program goes. The first `warmUp` runs are left out. */
export function timeProfile({ kernels }: Recording, warmUp: number): TimeProfile {
  const all = timed(kernels, warmUp);
  return {
    kernelMs: all.reduce((sum, { ms }) => sum + ms, 0),
    kernels: all.length,
    byStage: sharesBy(all, ({ stage }) => stage),
    byLayer: sharesBy(all, ({ layer }) => layer),
    byOp: sharesBy(all, ({ op }) => op),
  };
}

/** Bytes of the values alive while each kernel runs. */
function aliveBytes(kernels: readonly RecordedKernel[]): number[] {
  const changes = new Array<number>(kernels.length + 1).fill(0);
  kernels.forEach(({ values }, place) => {
    for (const { bytes, lastUse } of values) {
      changes[place] += bytes;
      changes[Math.max(lastUse, place) + 1] -= bytes;
    }
  });
  let alive = 0;
  return kernels.map((_, place) => {
    alive += changes[place];
    return alive;
  });
}

/** The kernels of a recorded program in their order. The first `warmUp` runs do not count. */
export function timelineOf({ kernels }: Recording, warmUp: number): TimelineEntry[] {
  const alive = aliveBytes(kernels);
  return kernels.map((kernel, i) => {
    const ms = timed([kernel], warmUp).reduce((sum, each) => sum + each.ms, 0);
    return { operator: kernel.operator, ...placeOf(kernel), ms, aliveBytes: alive[i] };
  });
}

/** Where the memory of a recorded program goes. */
export function memoryProfile({ kernels }: Recording): MemoryProfile {
  const alive = aliveBytes(kernels);
  const peakBytes = alive.reduce((most, bytes) => Math.max(most, bytes), 0);
  const peakKernel = alive.indexOf(peakBytes);
  const values = kernels
    .slice(0, peakKernel + 1)
    .flatMap((kernel, place) =>
      kernel.values
        .filter(({ lastUse }) => Math.max(lastUse, place) >= peakKernel)
        .map(({ dtype, shape, bytes }): LiveValue => ({ ...placeOf(kernel), dtype, shape, bytes })),
    );
  return { peakBytes, peakKernel, values: values.sort((a, b) => b.bytes - a.bytes) };
}
