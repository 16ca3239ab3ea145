/** A VAE of one's own layers on the built-in digits. */

import { vae } from "galatea/models";
import { flatten, linear, relu, reshape, sequential } from "galatea/nn";
import { createCpuBackend } from "galatea/node";
import { findPreset, parseConfig, resolveData, train } from "galatea/run";

const shape = [1, 28, 28];
const encoder = sequential(flatten(), linear({ inputs: 784, outputs: 64 }), relu, linear({ inputs: 64, outputs: 16 }));
const [up, out] = [linear({ inputs: 8, outputs: 64 }), linear({ inputs: 64, outputs: 784 })];
const decoder = sequential(up, relu, out, reshape(shape));
const build = () => vae({ shape, latent: 8, networks: { encoder, decoder } });
const preset = { ...findPreset("digits/vae"), name: "own/vae", build };

const backend = createCpuBackend({ threads: 2 });
const config = parseConfig(preset.schema, { steps: 600, learningRate: 0.004 });
const data = await resolveData("digits");
const directory = process.argv[2] ?? "runs/own-vae";
for await (const event of train({ backend, preset, config, data, directory })) {
  if (event.type === "step") console.log(`step ${event.step}: loss ${event.metrics.loss.toFixed(1)} nats`);
}
await backend.dispose();
