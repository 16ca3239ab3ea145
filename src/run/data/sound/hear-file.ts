/** One WAV file as a trained model hears it. */

import { GalateaError } from "../../../core/base/index.ts";
import { readBytes } from "../../files.ts";
import type { Teller } from "../teller.ts";
import type { SoundFeatures } from "./load-speech.ts";
import type { WaveReading } from "./load-waves.ts";
import { logMel, normalizeFeatures } from "./log-mel.ts";
import { encodeMuLaw } from "./mu-law.ts";
import { resampleSound } from "./resample.ts";
import { decodeWav, type Sound } from "./wav.ts";

/**
 * A WAV file at a rate. What had to be done to it is said: channels mixed, another rate, a truncated end, silence.
 *
 * @throws GalateaError `data` when it cannot be read as sound.
 */
export async function readSound(path: string, rate: number, say: (note: string) => void): Promise<Sound> {
  const sound = decodeWav(await readBytes("data", path), path);
  for (const note of sound.notes) say(`${path} ${note}`);
  if (sound.rate !== rate) say(`${path} is resampled from ${sound.rate} to ${rate} Hz`);
  return resampleSound(sound, rate);
}

/** Reads recordings as speech recognizers are told them: `features` and `frames`. */
export function speechTeller(reading: SoundFeatures): Teller {
  const { rate, mels, windowMs: frameMs, hopMs, normalize, frames } = reading;
  return {
    what: "a WAV file",
    read: async (path, say) => {
      const heard = normalizeFeatures(logMel(await readSound(path, rate, say), { mels, frameMs, hopMs }), normalize);
      if (heard.frames > frames) {
        const seconds = ((heard.frames * hopMs) / 1000).toFixed(1);
        const right = `the model hears ${frames} frames at most (${((frames * hopMs) / 1000).toFixed(1)} s): cut it into parts`;
        throw new GalateaError("data", path, `it has ${heard.frames} frames (${seconds} s)`, right);
      }
      const features = new Float32Array(frames * mels);
      features.set(heard.values);
      return { fields: { features, frames: Int32Array.of(heard.frames) } };
    },
  };
}

/** Reads recordings as the beginnings of sounds that a model goes on with: `tokens`. */
export function waveTeller({ rate, levels, places }: WaveReading): Teller {
  return {
    what: "a WAV file",
    read: async (path, say) => {
      const { samples } = await readSound(path, rate, say);
      if (samples.length > places) {
        const seen = `it has ${samples.length} samples at ${rate} Hz`;
        throw new GalateaError("data", path, seen, `a sample has ${places}: cut off what it shall begin with`);
      }
      const tokens = new Int32Array(places).fill(-1);
      tokens.set(encodeMuLaw(samples, levels));
      return { fields: { tokens } };
    },
  };
}
