/** Sounds as WAV files, and all of them as one picture. */

import { encodeWav, logMelsAt, type Reading, soundOfTokens } from "../data/index.ts";
import { encodePng, soundsPicture } from "../pictures/index.ts";
import type { RenderedFile, Rendering } from "./rendering.ts";

type WaveReading = NonNullable<Reading["waves"]>;

/** Sounds that show what a model has learned: one of each digit. */
const shown = 10;
/** Sounds that are drawn; the rest are files only. */
const mostDrawn = 20;
/** Bands of the spectrogram. */
const mels = 48;
/** ln of the energy below which a spectrogram has one colour. */
const floor = 1e-6;

/** Rendering of what was read as waves. */
export function waveRendering({ rate, levels }: WaveReading): Rendering {
  return {
    shown,
    render: async ({ tokens }, conditions) => {
      const [count, places] = tokens.shape;
      const sounds = Array.from({ length: count }, (_, i) =>
        soundOfTokens(tokens.data.slice(i * places, (i + 1) * places), { levels }),
      );
      const { label } = conditions;
      const digits = String(count).length;
      const files = sounds.map((samples, i): RenderedFile => {
        const told = label === undefined ? "" : `-label-${Number(label.data[i])}`;
        return { name: `${String(i + 1).padStart(digits, "0")}${told}.wav`, bytes: encodeWav({ samples, rate }) };
      });
      const longest = Math.max(...sounds.map(({ length }) => length));
      const featuresOf = logMelsAt(rate, { mels, floor });
      const drawn = sounds.slice(0, mostDrawn).map((samples) => {
        const { values, frames } = featuresOf(samples);
        return { samples, bands: values, shape: [frames, mels] as const, share: samples.length / longest };
      });
      return [...files, { name: "sounds.png", bytes: await encodePng(soundsPicture(drawn)) }];
    },
  };
}
