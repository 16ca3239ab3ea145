/** A VAE of one's own layers on the built-in digits. */

import { vae } from "galatea/models";
import { flatten, linear, relu, reshape, sequential } from "galatea/nn";
import { createCpuBackend } from "galatea/node";
import { findPreset, parseConfig, resolveData, train } from "galatea/run";

const encoder = sequential(flatten(), linear({ inputs: 784, outputs: 128 }), relu, linear({ inputs: 128, outputs: 16 }));
const decoder = sequential(linear({ inputs: 8, outputs: 128 }), relu, linear({ inputs: 128, outputs: 784 }), reshape([1, 28, 28]));
const preset = {
  ...findPreset("digits/vae"),
  name: "own/vae",
  build: () => vae({ shape: [1, 28, 28], latent: 8, networks: { encoder, decoder } }),
};

const backend = createCpuBackend({ threads: 2 });
const config = parseConfig(preset.schema, { steps: 300, batchSize: 64 });
const data = await resolveData("digits");
for await (const event of train({ backend, preset, config, data, directory: process.argv[2] ?? "runs/own-vae" })) {
  if (event.type === "step") console.log(`step ${event.step}: loss ${event.metrics.loss.toFixed(1)} nats`);
}
await backend.dispose();
