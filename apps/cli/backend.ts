/** Backends by the names that the command line knows them by. */

import { GalateaError } from "../../src/core/base/index.ts";
import type { Backend } from "../../src/engine/index.ts";
import { createCpuBackend, createWebgpuBackend } from "../../src/platform/node/index.ts";

const backends: Readonly<Record<string, (threads: number) => Promise<Backend>>> = {
  cpu: async (threads) => createCpuBackend({ threads }),
  webgpu: () => createWebgpuBackend(),
};

/**
 * Starts a backend.
 * @param threads of the processor, for the backend that uses it
 * @throws GalateaError `usage` when this version has no such backend; `backend` when this machine cannot run it.
 */
export async function openBackend(name: string, threads: number): Promise<Backend> {
  const open = backends[name];
  if (open) return open(threads);
  const available = `available: ${Object.keys(backends).join(", ")}`;
  throw new GalateaError("usage", "--backend", `${name} is not available in this version`, available);
}
