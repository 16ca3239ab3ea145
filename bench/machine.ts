/** What a reading was taken on, in one string. */

import { createRequire } from "node:module";
import { availableParallelism, cpus } from "node:os";

/** Version of the ONNX Runtime that is installed. */
export function runtimeVersion(): string {
  const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json") as { version: string };
  return version;
}

/**
 * Processor, cores, Node, ONNX Runtime, and what a peer says of itself.
 *
 * @param versions of the peer's parts, by name.
 */
export function describeMachine(versions: Readonly<Record<string, string>> = {}): string {
  const cores = availableParallelism();
  return [
    cpus()[0]?.model.trim() || process.arch,
    `${cores} ${cores === 1 ? "core" : "cores"}`,
    `Node ${process.versions.node}`,
    `onnxruntime ${runtimeVersion()}`,
    ...Object.entries(versions).map(([name, version]) => `${name} ${version}`),
  ].join(", ");
}
