/** Our side of the workload `vae`: the step of preset digits/vae, at the peer's settings. */

import { keyFromSeed, randomUniform } from "../../src/core/base/index.ts";
import { createCpuBackend } from "../../src/platform/node/index.ts";
import { createTrainingStep, findPreset, type HostBatch, parseConfig } from "../../src/run/index.ts";
import { serveContender } from "../serve-contender.ts";

const batchSize = 128;
const batchCount = 16;
const shape = [1, 28, 28];
/** Share of white pixels, as in MNIST. */
const white = 0.13;

function makeBatch(index: number): HostBatch {
  const key = keyFromSeed(index);
  const data = Uint8Array.from({ length: batchSize * 784 }, (_, i) => (randomUniform(key, i) < white ? 255 : 0));
  return { image: { dtype: "uint8", shape: [batchSize, ...shape], data } };
}

await serveContender({
  setup: async ({ threads }) => {
    const backend = createCpuBackend({ threads });
    const preset = findPreset("digits/vae");
    const config = parseConfig(preset.schema, { batchSize, latent: 32, prior: "standard" });
    const family = preset.build(config, { name: "bench", fields: { image: { dtype: "uint8", shape } } });
    const step = await createTrainingStep(backend, family, config);
    return { backend, step, batches: Array.from({ length: batchCount }, (_, i) => makeBatch(i)) };
  },
  step: async ({ step, batches }, index) => (await step.run(batches[index % batchCount], index)).loss,
  close: ({ backend }) => backend.dispose(),
});
