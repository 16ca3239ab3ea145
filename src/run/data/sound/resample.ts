/** Sound at another rate, by libsamplerate compiled to WebAssembly.
 *
 * Its middle quality: 121 dB between signal and noise, 90% of the band kept (the library's documentation). */

import { GalateaError } from "../../../core/base/index.ts";
import type { Sound } from "./wav.ts";

/** Brings sounds to one rate. */
export interface Resampler {
  /** The sound at the wanted rate: ceil(samples * rate / its rate) samples, the first at the same moment. */
  readonly resample: (sound: Sound) => Promise<Float32Array>;
  readonly close: () => void;
}

/** From here on the library cuts the input into pieces. */
const longestWholeBytes = 4_000_000;
/** Samples, of the slower of both rates, that the filter reaches beyond the end. */
const reach = 256;
const highestRate = 192_000;

type Library = typeof import("@alexanderolsen/libsamplerate-js");
type Converter = Awaited<ReturnType<Library["create"]>>;

/** Loaded when first needed. Node finds what this CommonJS file exports below `default`, a TypeScript loader beside it. */
async function loadLibrary(): Promise<Library> {
  const library = await import("@alexanderolsen/libsamplerate-js");
  return "create" in library ? library : (library as { readonly default: Library }).default;
}

/**
 * A way to the rate `rate`; keeps one converter for each rate that it meets until it is closed.
 *
 * @throws GalateaError `config` for a rate that is no whole number from 1 to 192,000, from `resample` too.
 */
export function openResampler(rate: number): Resampler {
  checkRate(rate);
  const converters = new Map<number, Promise<Converter>>();
  const convert = async (from: number): Promise<Converter> => {
    const library = await loadLibrary();
    return library.create(1, from, rate, { converterType: library.ConverterType.SRC_SINC_MEDIUM_QUALITY });
  };
  return {
    resample: async (sound) => {
      const { samples, rate: from } = sound;
      checkRate(from);
      if (from === rate || samples.length === 0) return samples;
      const ratio = rate / from;
      const padded = new Float32Array(samples.length + Math.ceil(reach * Math.max(1, from / rate)));
      padded.set(samples);
      const length = Math.ceil(samples.length * ratio);
      // A piecewise conversion leaves its state behind: such a converter is used once.
      if (padded.byteLength > longestWholeBytes) {
        const once = await convert(from);
        const out = once.full(padded).slice(0, length);
        once.destroy();
        return out;
      }
      const converter = converters.get(from) ?? convert(from);
      converters.set(from, converter);
      return (await converter).simple(padded).slice(0, length);
    },
    close: () => {
      for (const converter of converters.values()) converter.then((open) => open.destroy()).catch(() => undefined);
      converters.clear();
    },
  };
}

/**
 * One sound at another rate.
 *
 * @throws GalateaError `config` for a rate that is no whole number from 1 to 192,000.
 */
export async function resampleSound(sound: Sound, rate: number): Promise<Sound> {
  const resampler = openResampler(rate);
  try {
    return { samples: await resampler.resample(sound), rate };
  } finally {
    resampler.close();
  }
}

function checkRate(rate: number): void {
  if (Number.isInteger(rate) && rate >= 1 && rate <= highestRate) return;
  throw new GalateaError("config", "rate", `is ${rate}`, `a whole number of samples a second, at most ${highestRate}`);
}
