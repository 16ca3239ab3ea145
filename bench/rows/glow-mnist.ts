/** Glow on MNIST, grey levels dequantized: how many bits a pixel takes. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { evaluate, findPreset, openRun, parseConfig, resolveData, train } from "../../src/run/index.ts";
import type { Row } from "./row.ts";

export const glowMnist: Row = {
  row: "glow-mnist",
  metric: "bits per dimension, one draw of dequantization noise, all 10,000 test digits",
  bound: 1.25,
  direction: "at most",
  published: 1.05,
  source: "Kingma and Dhariwal, Glow (2018), as later papers quote it for MNIST",
  run: async ({ seed, threads, log }) => {
    const dataFolder = process.env.GALATEA_DATA ?? resolve(import.meta.dirname, "../../../shared/data");
    const data = await resolveData("mnist", { dataFolder });
    const preset = findPreset("digits/glow");
    // About 45 minutes on two free cores, at 0.3 s a step.
    const config = parseConfig(preset.schema, {
      seed,
      steps: 9000,
      batchSize: 64,
      learningRate: 1e-3,
      averageDecay: 0.999,
      evaluateEvery: 1000,
      sampleEvery: 0,
      checkpointEvery: 0,
    });
    const folder = await mkdtemp(join(tmpdir(), "galatea-glow-mnist-"));
    const backend = createCpuBackend({ threads });
    try {
      const directory = join(folder, "run");
      for await (const event of train({ backend, preset, config, data, source: "mnist", directory })) {
        if (event.type !== "evaluated") continue;
        log(`step ${event.step}: ${event.metrics.bitsPerDim.toFixed(3)} bits per dimension on the validation split`);
      }
      const run = await openRun(directory, () => Promise.reject(new Error("the preset is one of ours")));
      const { metrics, details } = await evaluate({
        backend,
        run,
        data,
        metrics: ["bitsPerDim"],
        limit: data.test.count,
        onProgress: (done, total) => done % 1000 === 0 && log(`judged ${done} of ${total}`),
      });
      log(`standard error ${details.bitsPerDim.standardError.toFixed(4)}`);
      return { value: metrics.bitsPerDim, seed };
    } finally {
      await backend.dispose();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
