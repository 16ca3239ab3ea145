/** Tunes as files: MIDI, sound, and a picture of the notes. */

import type { Family } from "../../learn/models/index.ts";
import { encodeMidi, encodeWav, type MusicReading, playTune, type Reading, tuneOfTokens } from "../data/index.ts";
import { encodePng, pianoRoll } from "../pictures/index.ts";
import type { RenderedFile, Rendering } from "./rendering.ts";

/** A rendering of tunes, where a family makes tokens of notes. */
export function tuneRendering({ outputs }: Pick<Family, "outputs">, { music }: Reading): Rendering | undefined {
  if (!music || !outputs.tokens) return undefined;
  return {
    shown: 3,
    render: async ({ tokens: { data, shape } }) => {
      const [count, places] = shape;
      const rendered = Array.from({ length: count }, (_, i) => {
        const tokens = Int32Array.from({ length: places }, (_, t) => Number(data[i * places + t]));
        return renderTune(i + 1, tokens, music);
      });
      return (await Promise.all(rendered)).flat();
    },
  };
}

/** One that knows nothing yet may make tokens without a note: a text says so. */
async function renderTune(number: number, tokens: Int32Array, reading: MusicReading): Promise<readonly RenderedFile[]> {
  const tune = tuneOfTokens(`tune ${number}`, tokens, reading);
  if (tune.notes.length === 0) return [{ name: `${number}.txt`, bytes: "The sample holds no note.\n" }];
  const { notes, ticksPerBeat, beatsPerBar } = tune;
  return [
    { name: `${number}.mid`, bytes: encodeMidi(tune) },
    { name: `${number}.wav`, bytes: encodeWav(playTune(tune)) },
    { name: `${number}.png`, bytes: await encodePng(pianoRoll(notes, { ticksPerBeat, beatsPerBar })) },
  ];
}
