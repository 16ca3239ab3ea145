/** Backends for Node: the only importer of onnxruntime-node. */

export { type CpuOptions, createCpuBackend } from "./cpu-backend.ts";
