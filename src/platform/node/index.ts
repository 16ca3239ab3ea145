/** Backends for Node: the only caller of ONNX Runtime's native library. */

export { type CpuOptions, createCpuBackend } from "./cpu-backend.ts";
export { loadOnnxModel } from "./onnx-model.ts";
export { onnxRuntimeVersion } from "./ort-library.ts";
export { createWebgpuBackend } from "./webgpu-backend.ts";
