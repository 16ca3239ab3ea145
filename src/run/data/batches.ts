/** Which examples a training step uses, and having them ready when it starts. */

import { foldKey, GalateaError, type Key, permutation, randomBits } from "../../core/base/index.ts";
import type { Batch, Dataset } from "./dataset.ts";
import type { LengthClasses } from "./lengths.ts";

/** The order of a run's examples: a pure function of the step, faster for steps in sequence. */
export interface BatchOrder {
  readonly stepsPerEpoch: number;
  /** The indices [batchSize] of step `step` (0 or more); the same as `batchIndices` gives. */
  at(step: number): Uint32Array;
}

/**
 * The examples of training step `step` (0 or more): [batchSize] indices. Each epoch is shuffled with a key
 * of its own; what is left at its end and fills no batch is dropped. Depends on nothing else, so that a
 * run that goes on from a step sees what an uninterrupted one would.
 * @param classes of examples that differ in length: those of like length come together, as far as they are not far
 *   apart in the order; the batches' own order stays random
 *
 * @throws GalateaError `config` when the batch size is no whole number from 1 to `count`.
 */
export function batchIndices(
  count: number,
  batchSize: number,
  key: Key,
  step: number,
  classes?: LengthClasses,
): Uint32Array {
  const stepsPerEpoch = countSteps(count, batchSize);
  const epochKey = foldKey(key, Math.floor(step / stepsPerEpoch));
  const order = permutation(epochKey, count);
  return slice(order, { batchSize, key: epochKey, ...(classes && { classes }) }, step % stepsPerEpoch);
}

/**
 * `batchIndices` for steps in sequence: keeps the epoch's order, and shuffles the next one's a little with
 * every step, so that no step waits for a shuffle. Steps may come in any order.
 *
 * @throws GalateaError `config` when the batch size is no whole number from 1 to `count`.
 */
export function createBatchOrder(count: number, batchSize: number, key: Key, classes?: LengthClasses): BatchOrder {
  const stepsPerEpoch = countSteps(count, batchSize);
  const swapsPerStep = Math.ceil(count / stepsPerEpoch);
  let current: Shuffle | undefined;
  let next: Shuffle | undefined;
  const at = (step: number): Uint32Array => {
    const epoch = Math.floor(step / stepsPerEpoch);
    if (current?.epoch !== epoch) current = next?.epoch === epoch ? next : startShuffle(key, epoch, count);
    if (next?.epoch !== epoch + 1) next = startShuffle(key, epoch + 1, count);
    advance(current, count);
    advance(next, swapsPerStep);
    return slice(current.order, { batchSize, key: current.key, ...(classes && { classes }) }, step % stepsPerEpoch);
  };
  return { stepsPerEpoch, at };
}

/**
 * The batches of steps `from` up to but not including `to`. Up to `ahead` of them (1 or more) are gathered
 * before they are asked for, each in a turn of the event loop of its own, while the caller waits for its
 * step.
 *
 * @throws what gathering throws, when its batch is asked for.
 */
export async function* prefetch(
  dataset: Dataset,
  order: BatchOrder,
  from: number,
  to: number,
  ahead = 2,
): AsyncGenerator<Batch, void, undefined> {
  const ready: Promise<Batch>[] = [];
  let step = from;
  const gatherNext = (): void => {
    if (step >= to) return;
    const wanted = step++;
    const batch = new Promise<void>((resolve) => setImmediate(resolve)).then(() => dataset.gather(order.at(wanted)));
    // Reported when the batch is asked for; until then a failure must not end the process.
    batch.catch(() => undefined);
    ready.push(batch);
  };
  for (let i = 0; i < Math.max(1, ahead); i++) gatherNext();
  for (let batch = ready.shift(); batch !== undefined; batch = ready.shift()) {
    const values = await batch;
    gatherNext();
    yield values;
  }
}

function countSteps(count: number, batchSize: number): number {
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > count) {
    const right = `a whole number from 1 to the number of training examples, ${count}`;
    throw new GalateaError("config", "batchSize", `${batchSize} is out of range`, right);
  }
  return Math.floor(count / batchSize);
}

interface Cutting {
  readonly batchSize: number;
  /** Of the epoch. */
  readonly key: Key;
  readonly classes?: LengthClasses;
}

/** Batches among whose examples those of like length are looked for. */
const batchesOfWindow = 32;
/** Tells the keys of windows from those of swaps, which count examples. */
const windowStream = 0x77696e64;

function slice(order: Uint32Array, { batchSize, key, classes }: Cutting, index: number): Uint32Array {
  if (!classes) return order.slice(index * batchSize, (index + 1) * batchSize);
  const window = Math.floor(index / batchesOfWindow);
  const batches = Math.min(batchesOfWindow, Math.floor(order.length / batchSize) - window * batchesOfWindow);
  const start = window * batchesOfWindow * batchSize;
  // Sorting is stable: among like lengths the order stays random.
  const sorted = order.slice(start, start + batches * batchSize).sort((a, b) => classes[a] - classes[b]);
  const turns = permutation(foldKey(foldKey(key, windowStream), window), batches);
  const own = turns[index - window * batchesOfWindow];
  return sorted.slice(own * batchSize, (own + 1) * batchSize);
}

/** `permutation` of core/base, stopped between two swaps. */
interface Shuffle {
  readonly epoch: number;
  readonly key: Key;
  readonly order: Uint32Array;
  /** The index that is swapped next; from 0 down the order is complete. */
  position: number;
}

function startShuffle(key: Key, epoch: number, count: number): Shuffle {
  const order = new Uint32Array(count);
  for (let index = 0; index < count; index++) order[index] = index;
  return { epoch, key: foldKey(key, epoch), order, position: count - 1 };
}

function advance(shuffle: Shuffle, swaps: number): void {
  const { key, order } = shuffle;
  const end = Math.max(0, shuffle.position - swaps);
  for (let i = shuffle.position; i > end; i--) {
    const j = randomBits(key, i) % (i + 1);
    const swapped = order[i];
    order[i] = order[j];
    order[j] = swapped;
  }
  shuffle.position = end;
}
