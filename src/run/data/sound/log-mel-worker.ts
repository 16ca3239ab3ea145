/** The thread that computes features: one message for each recording, answered in order. */

import { parentPort, workerData } from "node:worker_threads";
import { type LogMel, type LogMelOptions, logMelsAt, type Normalization, normalizeFeatures } from "./log-mel.ts";

export interface LogMelJob {
  readonly rate: number;
  readonly options: LogMelOptions;
  readonly normalize: Normalization | false;
}

/** A recording's features, or why there are none. */
export type LogMelReply = LogMel | { readonly failure: string };

const { rate, options, normalize } = workerData as LogMelJob;
const featuresOf = logMelsAt(rate, options);

parentPort?.on("message", (samples: Float32Array) => {
  const reply = compute(samples);
  parentPort?.postMessage(reply, "values" in reply ? [reply.values.buffer as ArrayBuffer] : []);
});

function compute(samples: Float32Array): LogMelReply {
  try {
    const features = featuresOf(samples);
    return normalize ? normalizeFeatures(features, normalize) : features;
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}
