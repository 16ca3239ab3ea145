/** Tunes: how well the next note of folk tunes is foretold, and whether what is made plays. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeMidi, evaluate, findPreset, loadPath, openSampler, parseConfig } from "../../src/run/index.ts";
import type { Row } from "./row.ts";
import { dataFolder, trainPreset, withBackend } from "./train-and-judge.ts";

const preset = "music/lstm";
/** Tunes that are made, written and read again. */
const samples = 20;

export const music: Row = {
  row: "music",
  metric: "Nottingham folk tunes, melodies, a tenth held out: -log p, nats a token",
  published: null,
  source: "nobody published the same tokens",
  also: [
    {
      row: "music-plays",
      metric: `of ${samples} tunes that it makes: share whose MIDI file can be read again, with notes`,
      bound: 1,
      direction: "at least",
      published: null,
      source: "read by the npm package midi-file",
    },
  ],
  run: (context) =>
    withBackend(context, async (backend) => {
      const { seed, directory, log } = context;
      const { reading, schema } = findPreset(preset);
      const data = await loadPath(join(dataFolder(), "nottingham-abc"), reading?.(parseConfig(schema, {})));
      const run = await trainPreset(context, backend, { preset, options: {}, data });
      const { metrics } = await evaluate({ backend, run, data, metrics: ["crossEntropy"] });
      const sampler = await openSampler(backend, run);
      try {
        const files = await sampler.files({ seed, count: samples }, join(directory, "tunes"));
        const tunes = files.filter((path) => path.endsWith(".mid"));
        const notes = await Promise.all(tunes.map(async (path) => decodeMidi(await readFile(path), path).notes));
        log(`${tunes.length} tunes of ${notes.reduce((sum, own) => sum + own.length, 0)} notes`);
        return { value: metrics.crossEntropy, seed, also: { "music-plays": tunes.length / samples } };
      } finally {
        await sampler.dispose();
      }
    }),
};
