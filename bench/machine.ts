/** What a reading was taken on, in one string. */

import { availableParallelism, cpus } from "node:os";
import { onnxRuntimeVersion } from "../src/platform/node/index.ts";

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
    `onnxruntime ${onnxRuntimeVersion()}`,
    ...Object.entries(versions).map(([name, version]) => `${name} ${version}`),
  ].join(", ");
}
