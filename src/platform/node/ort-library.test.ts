import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { created, onnxRuntimeVersion, ortLibrary } from "./ort-library.ts";

test("the library is the one that onnxruntime-node ships", () => {
  const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json") as { version: string };
  expect(onnxRuntimeVersion()).toBe(version);
  expect(ortLibrary()).toBe(ortLibrary());
});

test("an error of the C API becomes an exception with its message", () => {
  const { api } = ortLibrary();
  const options = created((out) => api.CreateSessionOptions(out));
  expect(() => api.SetSessionGraphOptimizationLevel(options, 12345)).toThrow("graph_optimization_level is not valid");
  api.ReleaseSessionOptions(options);
});
