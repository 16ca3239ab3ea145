/** Backends by the names that the command line knows them by. */

import { availableParallelism } from "node:os";
import { GalateaError } from "../../src/core/base/index.ts";
import type { Backend } from "../../src/engine/index.ts";
import { createCpuBackend, createWebgpuBackend } from "../../src/platform/node/index.ts";

const backends: Readonly<Record<string, (threads: number) => Promise<Backend>>> = {
  cpu: async (threads) => createCpuBackend({ threads }),
  webgpu: () => createWebgpuBackend(),
};

/** What the options of the command line say about it. */
export interface BackendChoice {
  readonly backend: string;
  /** Of the processor, for the backend that uses it; as many as there are cores where absent. */
  readonly threads?: number | undefined;
}

/**
 * Starts a backend.
 * @throws GalateaError `usage` when this version has no such backend; `backend` when this machine cannot run it.
 */
export async function openBackend({ backend, threads = availableParallelism() }: BackendChoice): Promise<Backend> {
  const open = backends[backend];
  if (open) return open(threads);
  const available = `available: ${Object.keys(backends).join(", ")}`;
  throw new GalateaError("usage", "--backend", `${backend} is not available in this version`, available);
}
