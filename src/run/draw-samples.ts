/** Samples in host memory, made in parts that bound memory. */

import { foldKey } from "../core/base/index.ts";
import { type Key, sizeOf } from "../core/index.ts";
import type { DeviceParameters, HostBatch, Model } from "./model.ts";
import { noWishes, sampleRequest, type Wishes } from "./requests.ts";

/** Samples that are made at once. */
const samplesAtOnce = 256;

export interface DrawOptions {
  readonly model: Model;
  readonly parameters: DeviceParameters;
  readonly key: Key;
  readonly count: number;
  /** The output that is kept, such as `image`. */
  readonly output: string;
  readonly wishes?: Wishes;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface DrawnSamples {
  /** [count, ...shape of the output]. */
  readonly data: Float32Array;
  /** What each was told to be, [count], by the name of the condition; only those with classes. */
  readonly told: Readonly<Record<string, Int32Array>>;
}

/** Draws samples; the same key gives the same ones. */
export async function drawSamples(options: DrawOptions): Promise<DrawnSamples> {
  const { model, parameters, key, count, output, wishes = noWishes, onProgress, signal } = options;
  const { outputs, conditions = {} } = model.family;
  const size = sizeOf(outputs[output].shape);
  const data = new Float32Array(count * size);
  const classes = Object.keys(conditions).filter((name) => conditions[name].classes !== undefined);
  const told = Object.fromEntries(classes.map((name) => [name, new Int32Array(count)]));
  const remember = (batch: HostBatch, start: number): void => {
    for (const name of classes) told[name].set(batch[name].data as Int32Array, start);
  };
  for (let start = 0, part = 0; start < count; start += samplesAtOnce, part++) {
    signal?.throwIfAborted();
    const wanted = Math.min(samplesAtOnce, count - start);
    const request = sampleRequest(model.family, wanted, wishes, start);
    const results = await model.sample(parameters, foldKey(key, part), request);
    data.set(results[output].data as Float32Array, start * size);
    remember(request.conditions, start);
    onProgress?.(start + wanted, count);
  }
  return { data, told };
}
