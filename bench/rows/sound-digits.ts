/** Spoken digits, made sample by sample: the bits of a sample, and whether a recognizer reads the digit asked for. */

import { join } from "node:path";
import { keyFromSeed } from "../../src/core/index.ts";
import {
  createModel,
  evaluate,
  findPreset,
  parseConfig,
  type Recording,
  resolveData,
  sampleRequest,
  soundOfTokens,
  speechSplits,
  uploadWeights,
} from "../../src/run/index.ts";
import type { Row } from "./row.ts";
import { recognizer, spokenDigits } from "./speech.ts";
import { dataFolder, judge, trainPreset, withBackend } from "./train-and-judge.ts";

const wavenet = "sound/wavenet";
const options = { evaluateEvery: 1000 } as const;
/** Plans that are more usual than all that people say; samples of a plan are drawn as they are. */
const controls = { temperature: 1, planTemperature: 0.7 } as const;
const samples = 200;
const leastRead = 0.8;

/** Of recordings of up to 0.8 s, which is more than a sample has: fast, and good enough to read. */
const readerOptions = {
  frames: 80,
  longer: "leave-out",
  stride: 3,
  learningRate: 0.004,
  steps: 2500,
  evaluateEvery: 500,
} as const;

export const soundDigits: Row = {
  row: "sound-digits",
  metric:
    "bits of a sample, 8-bit mu-law, 8 kHz, the first 0.7 s (98.4%) of 300 recordings of digits (takes 0 to 4), told the digit; those of the plan are among them",
  published: null,
  source: "no published value (Free Spoken Digit Dataset); 8 bits are those of the file, below 8 is what is learned",
  also: [
    {
      row: "sound-digits-read",
      metric: `share of ${samples} conditional samples, their plans at temperature ${controls.planTemperature}, read as the digit asked for by a recognizer trained on the recordings`,
      bound: leastRead,
      direction: "at least",
      published: null,
      source: "this project's own bound; what the recognizer reads of real recordings stands in sound-digits-real",
    },
    {
      row: "sound-digits-real",
      metric: "share of the test recordings up to 0.8 s that the same recognizer reads right",
      published: null,
      source: "what sound-digits-read would be for a perfect model",
    },
  ],
  run: (context) =>
    withBackend(context, async (backend) => {
      const { seed, log } = context;
      const preset = findPreset(wavenet);
      const { waves } = preset.reading?.(parseConfig(preset.schema, options)) ?? {};
      if (!waves) throw new Error(`${wavenet} reads no waves`);
      const data = await resolveData(join(dataFolder(), "fsdd"), { reading: { waves } });
      const run = await trainPreset(context, backend, { preset: wavenet, options, data, name: "wavenet" });
      const value = await judge(context, backend, { run, data, metric: "bitsPerToken" });

      const model = createModel(backend, run.family);
      const wishes = { conditions: {}, controls };
      const request = sampleRequest(run.family, samples, wishes);
      const { tokens } = await model.sample(await uploadWeights(backend, run), keyFromSeed(seed), request);
      await model.dispose();
      const { label } = request.conditions;
      const made = Array.from({ length: samples }, (_, i): Recording => {
        const own = tokens.data.slice(i * waves.places, (i + 1) * waves.places);
        const text = data.train.classes?.[Number(label.data[i])] ?? "";
        return { name: `${i}.wav`, samples: soundOfTokens(own, waves), rate: waves.rate, text };
      });

      const speech = await spokenDigits(readerOptions);
      for (const note of speech.notes) log(note);
      const training = { preset: recognizer, options: readerOptions, data: speech, name: "recognizer" };
      const reader = await trainPreset(context, backend, training);
      const read = async (test: typeof speech): Promise<number> => {
        const { metrics } = await evaluate({ backend, run: reader, data: test, metrics: ["sequenceAccuracy"] });
        return metrics.sequenceAccuracy / 100;
      };
      const reading = findPreset(recognizer).reading?.(reader.config).speech;
      if (!reading) throw new Error(`${recognizer} reads no speech`);
      // Nothing is trained on: all of them are the test split, and the others are there because there must be some.
      const parts = (["train", "validation", "test"] as const).flatMap((split) =>
        made.map((one) => ({ ...one, split })),
      );
      const drawn = await speechSplits("samples", parts, { ...reading, tokenizers: reader.tokenizers });
      const also = { "sound-digits-read": await read(drawn), "sound-digits-real": await read(speech) };
      return { value, seed, also };
    }),
};
