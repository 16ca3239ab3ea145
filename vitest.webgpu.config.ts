/** How vitest runs the tests of the WebGPU backend: see scripts/test-webgpu.mjs. */

import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

export default defineConfig({
  ...base,
  test: { ...base.test, include: ["test/webgpu/**/*.test.ts"], exclude: [], maxWorkers: 1, testTimeout: 60_000 },
});
