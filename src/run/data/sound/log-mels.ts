/** Features of many recordings, computed on a thread beside the main one. */

import { Worker, type WorkerOptions } from "node:worker_threads";
import { GalateaError } from "../../../core/base/index.ts";
import { type LogMel, type LogMelOptions, logMelsAt, type Normalization } from "./log-mel.ts";
import type { LogMelJob, LogMelReply } from "./log-mel-worker.ts";
import type { Sound } from "./wav.ts";

export interface LogMelsOptions extends LogMelOptions {
  /** What of a recording gets mean 0 and deviation 1; default its bands, `false`: nothing. */
  readonly normalize?: Normalization | false;
  /** Called as recordings are done. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops the work: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Recordings that wait in the thread, so that it never waits for the main one. */
const ahead = 8;

/**
 * Log-mel features of recordings of one rate, in their order; a worker thread computes them.
 *
 * Shapes: each [frames, mels].
 *
 * @throws GalateaError `data` when there is none, rates differ or a recording is empty; `config` for options out of
 *   range.
 */
export async function computeLogMels(
  sounds: readonly Sound[],
  { normalize = "bands", onProgress, signal, ...options }: LogMelsOptions = {},
): Promise<readonly LogMel[]> {
  if (sounds.length === 0) throw new GalateaError("data", "recordings", "there are none", "1 or more");
  const { rate } = sounds[0];
  const other = sounds.findIndex((sound) => sound.rate !== rate);
  if (other >= 0) {
    const seen = `recording ${other} has ${sounds[other].rate} Hz, the first ${rate} Hz`;
    throw new GalateaError("data", "recordings", seen, "one rate: resample them");
  }
  // An option that is out of range is found here, with its own error.
  logMelsAt(rate, options);
  signal?.throwIfAborted();
  const job: LogMelJob = { rate, options, normalize };
  // The thread's file has this file's own extension: .ts under a TypeScript loader, .js when built.
  const file = import.meta.url.endsWith(".ts") ? "./log-mel-worker.ts" : "./log-mel-worker.js";
  const worker = new Worker(new URL(file, import.meta.url), { ...workerOptions(), workerData: job });
  const ended = new AbortController();
  try {
    let sent = 0;
    const send = (): void => {
      // A copy: the caller's samples stay where they are.
      if (sent < sounds.length) worker.postMessage(sounds[sent++].samples);
    };
    while (sent < Math.min(ahead, sounds.length)) send();
    const features: LogMel[] = [];
    await new Promise<void>((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true, signal: ended.signal });
      worker.once("error", reject);
      worker.once("exit", (code) => reject(new GalateaError("internal", "log-mel worker", `ended with code ${code}`)));
      worker.on("message", (reply: LogMelReply) => {
        if ("failure" in reply) {
          reject(new GalateaError("data", `recording ${features.length}`, reply.failure));
          return;
        }
        features.push(reply);
        send();
        onProgress?.(features.length, sounds.length);
        if (features.length === sounds.length) resolve();
      });
    });
    return features;
  } finally {
    ended.abort();
    await worker.terminate();
  }
}

/** A worker inherits Node's options, of which it refuses `--input-type`: there it gets module loaders only. */
function workerOptions(): WorkerOptions {
  const options = process.execArgv;
  if (!options.some((option) => option.startsWith("--input-type"))) return {};
  return { execArgv: options.filter((option, i) => option.startsWith("--import") || options[i - 1] === "--import") };
}
