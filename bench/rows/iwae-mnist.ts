/** The importance-weighted autoencoder of Burda et al. beside the VAE of the same networks: random binary MNIST. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { evaluate, findPreset, openRun, parseConfig, resolveData, train } from "../../src/run/index.ts";
import type { Row } from "./row.ts";

const samples = 200;
const codes = 50;

export const iwaeMnist: Row = {
  row: "iwae-mnist",
  metric: `-log p(x) of the VAE less that of the IWAE with k = ${codes}, nats, ${samples} importance samples, all 10,000 test digits`,
  bound: 1.5,
  direction: "at least",
  // 86.76 for k = 1, 84.78 for k = 50.
  published: 1.98,
  source: "Burda, Grosse and Salakhutdinov, Importance weighted autoencoders (2016), table 1, one stochastic layer",
  run: async ({ seed, threads, log }) => {
    const dataFolder = process.env.GALATEA_DATA ?? resolve(import.meta.dirname, "../../../shared/data");
    const data = await resolveData("mnist", { dataFolder });
    const preset = findPreset("digits/vae");
    const folder = await mkdtemp(join(tmpdir(), "galatea-iwae-mnist-"));
    const backend = createCpuBackend({ threads });
    /** -log p(x) of a model trained with so many codes; all else is the same. */
    const measure = async (importanceSamples: number): Promise<number> => {
      // Two hidden layers of 200 tanh units, 50 latents and batches of 20, as published; of the published 3,280 epochs
      // we take 32, with Adam, a cosine and averaged weights in place of seven falling learning rates.
      const config = parseConfig(preset.schema, {
        seed,
        hidden: [200, 200],
        activation: "tanh",
        latent: 50,
        prior: "standard",
        binarize: "random",
        importanceSamples,
        batchSize: 20,
        steps: 80_000,
        learningRate: 1e-3,
        schedule: "cosine",
        averageDecay: 0.999,
        evaluateEvery: 10_000,
        sampleEvery: 0,
        checkpointEvery: 0,
        logEvery: 1000,
      });
      const directory = join(folder, `k${importanceSamples}`);
      for await (const event of train({ backend, preset, config, data, source: "mnist", directory })) {
        if (event.type !== "evaluated") continue;
        const elbo = event.metrics.negativeElbo.toFixed(2);
        log(`k = ${importanceSamples}, step ${event.step}: negative ELBO ${elbo} on the validation split`);
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
      const { negativeLogLikelihood } = metrics;
      const error = details.negativeLogLikelihood.standardError.toFixed(2);
      log(`k = ${importanceSamples}: ${negativeLogLikelihood.toFixed(2)} nats, standard error ${error}`);
      return negativeLogLikelihood;
    };
    try {
      const plain = await measure(1);
      return { value: plain - (await measure(codes)), seed };
    } finally {
      await backend.dispose();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
