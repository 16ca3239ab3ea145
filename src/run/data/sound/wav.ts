/** WAV files, read and written.
 *
 * The library decodes and encodes samples of every kind. The list of chunks is walked here: the library takes no pad
 * byte after a chunk of odd length, refuses bytes behind the last chunk, and cannot say that a file is truncated. */

import {
  decodeWaveToFloat32Channels,
  encodeWaveFromFloat32Channels,
  type RawAudio,
  SampleFormat,
} from "@echogarden/wave-codec";
import { GalateaError } from "../../../core/base/index.ts";
import { writeFileAtomically } from "../../files.ts";

/** Sound as numbers: one channel. */
export interface Sound {
  /** Amplitudes, nominally from -1 to 1. */
  readonly samples: Float32Array;
  /** Samples a second. */
  readonly rate: number;
}

export interface DecodedSound extends Sound {
  /** What a person should know of the file, e.g. "is truncated"; each reads on after the file's name. */
  readonly notes: readonly string[];
}

const kindsThatPeopleTryToo: Readonly<Record<string, string>> = {
  ID3: "an MP3 file",
  "\xff\xfb": "an MP3 file",
  OggS: "an Ogg file",
  fLaC: "a FLAC file",
  FORM: "an AIFF file",
  RF64: "a WAV file of the 64-bit kind (RF64)",
  RIFX: "a big-endian WAV file (RIFX)",
};
const unsupported: Readonly<Record<number, string>> = { 2: "Microsoft ADPCM", 17: "IMA ADPCM", 49: "GSM", 85: "MP3" };
const convert = "convert it, e.g. with ffmpeg -i in.wav -c:a pcm_s16le out.wav";

/**
 * The sound in a WAV file: PCM of 8, 16, 24 or 32 bits, float of 32 or 64, mu-law or A-law, of any rate; channels are
 * mixed to one (their mean). What a truncated file still holds is read, and a note says so.
 *
 * @param where the file, for messages
 * @throws GalateaError `data` when it is empty, no WAV, without samples, of a kind that is not supported, or holds
 *   samples that are no numbers.
 */
export function decodeWav(bytes: Uint8Array, where: string): DecodedSound {
  const { format, data, truncated } = findChunks(bytes, where);
  const view = new DataView(format.buffer, format.byteOffset, format.byteLength);
  const [kind, channels, rate, frameBytes] = [
    view.getUint16(0, true),
    view.getUint16(2, true),
    view.getUint32(4, true),
    view.getUint16(12, true),
  ];
  if (channels === 0 || rate === 0 || frameBytes === 0) {
    const seen = `its header says ${channels} channel(s) at ${rate} Hz, ${frameBytes} bytes for each moment`;
    throw new GalateaError("data", where, seen, "1 or more of each; the file is damaged");
  }
  const frames = Math.floor(data.length / frameBytes);
  if (frames === 0) throw new GalateaError("data", where, "it holds no samples", "record it again, or leave it out");
  let decoded: RawAudio;
  try {
    decoded = decodeWaveToFloat32Channels(rebuild(format, data.subarray(0, frames * frameBytes)));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const name = unsupported[kind];
    const seen = name ? `${name} sound cannot be read` : `the sound cannot be read: ${reason}`;
    throw new GalateaError("data", where, seen, convert, { cause });
  }
  const samples = mixed(decoded.audioChannels);
  const bad = samples.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new GalateaError("data", where, `sample ${bad} is ${samples[bad]}`, "finite numbers");
  const notes: string[] = [];
  if (truncated || frames * frameBytes < data.length) notes.push("is truncated: what is there was read");
  if (channels > 1) notes.push(`had ${channels} channels, mixed to one`);
  if (isSilent(samples)) notes.push("is silent");
  return { samples, rate, notes };
}

/** Whether no sample differs from the first: nothing can be heard. */
function isSilent(samples: Float32Array): boolean {
  return samples.every((value) => value === samples[0]);
}

interface Chunks {
  readonly format: Uint8Array;
  readonly data: Uint8Array;
  /** Fewer bytes of samples are there than the file says. */
  readonly truncated: boolean;
}

/** RIFF: after 12 bytes, chunks of a name, a length and so many bytes, one more where the length is odd. */
function findChunks(bytes: Uint8Array, where: string): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length === 0) throw new GalateaError("data", where, "the file is empty", "a WAV file");
  if (ascii(bytes, 0, 4) !== "RIFF" || ascii(bytes, 8, 4) !== "WAVE") throw notWav(bytes, where);
  let format: Uint8Array | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = ascii(bytes, at, 4);
    const length = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name === "fmt " && length >= 16 && start + length <= bytes.length) {
      format = bytes.subarray(start, start + length);
    } else if (name === "data") {
      if (!format) throw new GalateaError("data", where, "the samples come before their format", "the file is damaged");
      // Who writes while recording does not know the length: such files say 0 or the most there can be.
      const open = length === 0xffff_ffff || (length === 0 && start < bytes.length);
      const end = open ? bytes.length : Math.min(start + length, bytes.length);
      return { format, data: bytes.subarray(start, end), truncated: !open && start + length > bytes.length };
    }
    at = start + length + (length % 2);
  }
  const missing = format ? "samples" : "description of its format";
  throw new GalateaError("data", where, `the WAV file ends before its ${missing}`, "copy or record it again");
}

function notWav(bytes: Uint8Array, where: string): GalateaError {
  const kind = Object.entries(kindsThatPeopleTryToo).find(([start]) => ascii(bytes, 0, start.length) === start);
  const seen = kind ? `it is ${kind[1]}` : 'no WAV file: it does not start with "RIFF" and "WAVE"';
  return new GalateaError("data", where, seen, kind ? convert : "a WAV file");
}

/** A file of nothing but the format and the samples. */
function rebuild(format: Uint8Array, data: Uint8Array): Uint8Array {
  const pad = format.length % 2;
  const out = new Uint8Array(12 + 8 + format.length + pad + 8 + data.length);
  const view = new DataView(out.buffer);
  const text = (at: number, name: string): void => out.set(new TextEncoder().encode(name), at);
  text(0, "RIFF");
  view.setUint32(4, Math.min(out.length - 8, 0xffff_ffff), true);
  text(8, "WAVEfmt ");
  view.setUint32(16, format.length + pad, true);
  out.set(format, 20);
  const at = 20 + format.length + pad;
  text(at, "data");
  view.setUint32(at + 4, Math.min(data.length, 0xffff_ffff), true);
  out.set(data, at + 8);
  return out;
}

function ascii(bytes: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}

function mixed(channels: readonly Float32Array[]): Float32Array {
  if (channels.length === 1) return channels[0];
  return channels[0].map((_, i) => channels.reduce((sum, channel) => sum + channel[i], 0) / channels.length);
}

export interface WavOptions {
  /** PCM of 16 (default), 24 or 8 bits, or 32: float. */
  readonly bits?: 8 | 16 | 24 | 32;
}

/**
 * Sound as the bytes of a WAV file of one channel. With PCM what lies outside of [-1, 1] is clipped, and the largest
 * amplitude is one step below 1.
 *
 * @throws GalateaError `data` when there are no samples, or some are no finite numbers; `config` for a rate that is no
 *   whole number of 1 or more.
 */
export function encodeWav({ samples, rate }: Sound, { bits = 16 }: WavOptions = {}): Uint8Array {
  if (!(Number.isInteger(rate) && rate >= 1 && rate <= 0xffff_ffff)) {
    throw new GalateaError("config", "rate", `is ${rate}`, "a whole number of samples a second");
  }
  if (samples.length === 0) throw new GalateaError("data", "sound", "there are no samples to write", "1 or more");
  const bad = samples.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new GalateaError("data", "sound", `sample ${bad} is ${samples[bad]}`, "finite numbers");
  return encodeWaveFromFloat32Channels([samples], rate, bits, bits === 32 ? SampleFormat.Float : SampleFormat.PCM);
}

/**
 * Writes a WAV file, whole or not at all.
 *
 * @throws GalateaError as {@link encodeWav}; `storage` when the file cannot be written.
 */
export async function writeWav(path: string, sound: Sound, options?: WavOptions): Promise<void> {
  await writeFileAtomically(path, encodeWav(sound, options));
}
