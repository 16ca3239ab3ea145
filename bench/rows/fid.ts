/** How near the samples of GANs and diffusion come to MNIST: the Fréchet distance of features, and how often another
 * classifier reads the digit that was asked for. */

import { homedir } from "node:os";
import { defaultCacheFolder, evaluate } from "../../src/run/index.ts";
import type { Row } from "./row.ts";
import { inWords, rowData, trainPreset, withBackend } from "./train-and-judge.ts";

/** Samples that are drawn, a tenth of them of each digit. */
const samples = 10_000;
/** Share of samples that must be read as what they were told to be. */
const leastAccuracy = 0.95;

interface FidRow {
  /** As the rows are named: `fid-dcgan`. */
  readonly name: string;
  readonly preset: string;
  /** What differs from the preset: longer training, mostly. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The nearest published number, by other features. */
  readonly nearest: string;
}

const lucic = "Lucic et al., Are GANs created equal? (2018), table 2, by features of the Inception net";

function fidRow({ name, preset, options, nearest }: FidRow): Row {
  const about = `${samples} conditional samples of ${preset}, MNIST`;
  const accuracy = `accuracy-${name}`;
  return {
    row: `fid-${name}`,
    metric: `FID of ${about}, against the test split, by 128 features of a classifier trained on MNIST`,
    published: null,
    source: `nobody measured by these features; nearest: ${nearest}`,
    also: [
      {
        row: accuracy,
        metric: `share of ${about}, read as the digit asked for by a classifier of other digits`,
        bound: leastAccuracy,
        direction: "at least",
        published: null,
        source: "nobody measured with this reader; it learned from the validation and test digits only",
      },
      {
        row: `fid-of-training-${name}`,
        metric: `FID of ${samples} training digits against the test split, by the features of fid-${name}`,
        published: null,
        source: `what fid-${name} would be for a perfect model`,
      },
    ],
    run: (context) =>
      withBackend(context, async (backend) => {
        const { seed, log } = context;
        const data = await rowData("mnist");
        const run = await trainPreset(context, backend, {
          preset,
          options: { evaluateEvery: 0, logEvery: 500, ...options },
          data,
          onEvent: (event) => event.type === "step" && log(`step ${event.step}: ${inWords(event.metrics)}`),
        });
        const { metrics, details } = await evaluate({
          backend,
          run,
          data,
          samples,
          metrics: ["fid", "fidOfTraining", "conditionalAccuracy"],
          cacheFolder: defaultCacheFolder(process.env, homedir()),
          onProgress: (done, total, what) => done % 1000 === 0 && log(`${what}: ${done} of ${total}`),
        });
        for (const metric of ["fid", "conditionalAccuracy"]) {
          const { name: net, accuracy: read } = details[metric].provenance?.features ?? { name: "" };
          log(`${metric} ${metrics[metric].toFixed(4)} by the ${net}, accuracy ${read}`);
        }
        log(`FID of training digits ${metrics.fidOfTraining.toFixed(4)}`);
        return {
          value: metrics.fid,
          seed,
          also: { [accuracy]: metrics.conditionalAccuracy, [`fid-of-training-${name}`]: metrics.fidOfTraining },
        };
      }),
  };
}

/** 10,000 steps of 0.04 s are 7 minutes on 2 idle cores; the classifiers, once, another 5. */
export const fidDcgan = fidRow({
  name: "dcgan",
  preset: "digits/dcgan",
  options: { steps: 10_000, schedule: "cosine", averageDecay: 0.999 },
  nearest: `6.8 of NS-GAN, ${lucic}`,
});

export const fidWganGp = fidRow({
  name: "wgan-gp",
  preset: "digits/wgan-gp",
  options: { steps: 4000, schedule: "cosine", averageDecay: 0.998 },
  nearest: `20.3 of WGAN-GP, ${lucic}`,
});

/** The network twice for each of the 25 steps of a sample, as guidance needs it: as long as the training. */
export const fidDiffusion = fidRow({
  name: "diffusion",
  preset: "digits/diffusion",
  options: { steps: 3000, samplingSteps: 25, guidance: 1.5, averageDecay: 0.998 },
  nearest: `6.7, the best GAN of ${lucic}`,
});
