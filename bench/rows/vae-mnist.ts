/** The VAE of pythae's table of reproduced results: 784-400-40, binary MNIST. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { evaluate, findPreset, openRun, parseConfig, resolveData, train } from "../../src/run/index.ts";
import type { Row } from "./row.ts";

const samples = 200;

export const vaeMnist: Row = {
  row: "vae-mnist",
  metric: `-log p(x) in nats, ${samples} importance samples, all 10,000 test digits`,
  bound: 90.5,
  direction: "at most",
  published: 89.78,
  source: "pythae (Chadebec, Vincent and Allassonniere, 2022), table of reproduced results; its reference is 89.9",
  run: async ({ seed, threads, log }) => {
    const dataFolder = process.env.GALATEA_DATA ?? resolve(import.meta.dirname, "../../../shared/data");
    const data = await resolveData("mnist", { dataFolder });
    const preset = findPreset("digits/vae");
    // One hidden layer of 400 and 40 latents; digits are binarized at random, anew each time they are seen.
    const config = parseConfig(preset.schema, {
      seed,
      hidden: [400],
      latent: 40,
      prior: "standard",
      binarize: "random",
      batchSize: 100,
      steps: 160_000,
      learningRate: 1e-3,
      schedule: "cosine",
      averageDecay: 0.999,
      evaluateEvery: 5000,
      sampleEvery: 0,
      checkpointEvery: 0,
    });
    const folder = await mkdtemp(join(tmpdir(), "galatea-vae-mnist-"));
    const backend = createCpuBackend({ threads });
    try {
      const directory = join(folder, "run");
      const options = { backend, preset, config, data, source: "mnist", directory };
      for await (const event of train(options)) {
        if (event.type !== "evaluated") continue;
        log(`step ${event.step}: negative ELBO ${event.metrics.negativeElbo.toFixed(2)} on the validation split`);
      }
      const run = await openRun(directory, () => Promise.reject(new Error("the preset is one of ours")));
      const { metrics, details } = await evaluate({
        backend,
        run,
        data,
        metrics: ["negativeLogLikelihood"],
        limit: data.test.count,
        onProgress: (done, total) => done % 1000 === 0 && log(`judged ${done} of ${total}`),
      });
      log(`standard error ${details.negativeLogLikelihood.standardError.toFixed(2)}`);
      return { value: metrics.negativeLogLikelihood, seed };
    } finally {
      await backend.dispose();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
