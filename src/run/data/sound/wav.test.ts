import { expect, test } from "vitest";
import { decodeWav, encodeWav } from "./wav.ts";

/** A chunk as files have it, a pad byte after an odd length. */
function chunk(name: string, content: Uint8Array, length = content.length): Uint8Array {
  const out = new Uint8Array(8 + content.length + (content.length % 2));
  out.set(new TextEncoder().encode(name));
  new DataView(out.buffer).setUint32(4, length, true);
  out.set(content, 8);
  return out;
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function format(kind: number, channels: number, rate: number, bits: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, kind, true);
  view.setUint16(2, channels, true);
  view.setUint32(4, rate, true);
  view.setUint32(8, (rate * channels * bits) / 8, true);
  view.setUint16(12, (channels * bits) / 8, true);
  view.setUint16(14, bits, true);
  return chunk("fmt ", bytes);
}

function wav(...chunks: readonly Uint8Array[]): Uint8Array {
  const body = join(...chunks);
  const riff = chunk("RIFF", join(new TextEncoder().encode("WAVE"), body));
  return riff.subarray(0, 12 + body.length);
}

const shorts = (...values: readonly number[]): Uint8Array => new Uint8Array(Int16Array.from(values).buffer);
const mono = format(1, 1, 8000, 16);

test.each([
  ["8 bits", 1, 8, [0, 128, 255], [-1, 0, 127 / 128]],
  ["16 bits", 1, 16, [0, 128, 0, 0, 255, 127], [-1, 0, 32767 / 32768]],
  ["24 bits", 1, 24, [0, 0, 128, 255, 255, 255, 0, 0, 64], [-1, -1 / 8388608, 0.5]],
  ["32 bits", 1, 32, [0, 0, 0, 128, 0, 0, 0, 64], [-1, 0.5]],
  ["float", 3, 32, [...new Uint8Array(Float32Array.of(-1.5, 0.25).buffer)], [-1.5, 0.25]],
  ["double", 3, 64, [...new Uint8Array(Float64Array.of(-0.5, 0.25).buffer)], [-0.5, 0.25]],
  // Numbers that Python's audioop gives for these codes (G.711).
  ["mu-law", 7, 8, [0, 78, 126, 220, 151, 128], [-32124, -988, -8, 492, 12412, 32124].map((value) => value / 32768)],
  ["A-law", 6, 8, [42, 122, 85, 213, 202, 189, 170], [-32256, -1008, -8, 8, 504, 12544, 32256].map((v) => v / 32768)],
] as const)("%s is read", (_, kind, bits, bytes, samples) => {
  const sound = decodeWav(wav(format(kind, 1, 11025, bits), chunk("data", Uint8Array.from(bytes))), "a.wav");
  expect([...sound.samples]).toEqual(samples);
  expect(sound).toMatchObject({ rate: 11025, notes: [] });
});

test("what is written is read back: exactly where 16 bits hold it, clipped beyond 1", () => {
  const samples = Float32Array.of(0, 0.5, -0.25, 1 / 32768, -1, 2, -3);
  const read = decodeWav(encodeWav({ samples, rate: 16_000 }), "a.wav");
  expect([...read.samples]).toEqual([0, 0.5, -0.25, 1 / 32768, -1, 32767 / 32768, -1]);
  for (const bits of [24, 32] as const) {
    const fine = Float32Array.of(0.123456, -0.654321, 1 / 8388608);
    const again = decodeWav(encodeWav({ samples: fine, rate: 44_100 }, { bits }), "a.wav");
    expect(again.rate).toBe(44_100);
    for (const [i, value] of fine.entries()) expect(Math.abs(again.samples[i] - value)).toBeLessThan(6e-8);
  }
});

test("stereo is mixed to one channel, and said", () => {
  const sound = decodeWav(wav(format(1, 2, 8000, 16), chunk("data", shorts(16384, 0, -16384, -16384))), "a.wav");
  expect([...sound.samples]).toEqual([0.25, -0.5]);
  expect(sound.notes).toEqual(["had 2 channels, mixed to one"]);
});

test("other chunks are passed over, of odd length too, and bytes at the end do no harm", () => {
  const bytes = wav(chunk("LIST", Uint8Array.of(1, 2, 3)), mono, chunk("data", shorts(1, 2)), Uint8Array.of(7, 7, 7));
  expect([...decodeWav(bytes, "a.wav").samples]).toEqual([1 / 32768, 2 / 32768]);
});

test("a truncated file gives what it holds, and says so", () => {
  const whole = encodeWav({ samples: Float32Array.from({ length: 100 }, (_, i) => i / 200), rate: 8000 });
  const sound = decodeWav(whole.subarray(0, whole.length - 101), "a.wav");
  expect(sound.samples).toHaveLength(49);
  expect(sound.notes).toEqual(["is truncated: what is there was read"]);
});

test("a recorder that did not know the length wrote 0 or the most there can be", () => {
  for (const length of [0, 0xffff_ffff]) {
    const sound = decodeWav(wav(mono, chunk("data", shorts(1, 2, 3), length)), "a.wav");
    expect(sound.samples).toHaveLength(3);
    expect(sound.notes).toEqual([]);
  }
});

test("silence is said", () => {
  expect(decodeWav(wav(mono, chunk("data", shorts(0, 0, 0))), "a.wav").notes).toEqual(["is silent"]);
});

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

test.each([
  [new Uint8Array(0), "a.wav: the file is empty; a WAV file"],
  [text("hello world, no sound"), 'a.wav: no WAV file: it does not start with "RIFF" and "WAVE"; a WAV file'],
  [text("OggS and more bytes"), /^a\.wav: it is an Ogg file; convert it/],
  [text("RIFF"), /no WAV file/],
  [wav(mono), "a.wav: the WAV file ends before its samples; copy or record it again"],
  [wav(), /ends before its description of its format/],
  [wav(chunk("data", shorts(1)), mono), /samples come before their format/],
  [wav(mono, chunk("data", new Uint8Array(0))), "a.wav: it holds no samples; record it again, or leave it out"],
  [wav(format(2, 1, 8000, 4), chunk("data", shorts(1, 2))), /header says 1 channel\(s\) at 8000 Hz, 0 bytes/],
  [wav(format(17, 2, 8000, 8), chunk("data", shorts(1, 2))), /^a\.wav: IMA ADPCM sound cannot be read; convert it/],
  [wav(format(1, 1, 8000, 48), chunk("data", shorts(1, 2, 3))), /bit depth of 48/],
  [wav(format(1, 0, 8000, 16), chunk("data", shorts(1))), /0 channel\(s\)/],
  [
    wav(format(3, 1, 8000, 32), chunk("data", new Uint8Array(Float32Array.of(0, Number.NaN).buffer))),
    "a.wav: sample 1 is NaN; finite numbers",
  ],
])("a file that is none is refused (%#)", (bytes, message) => {
  expect(() => decodeWav(bytes, "a.wav")).toThrow(message);
});

test("what cannot be written is refused", () => {
  const samples = Float32Array.of(0, 1);
  expect(() => encodeWav({ samples, rate: 0.5 })).toThrow("rate: is 0.5; a whole number of samples a second");
  expect(() => encodeWav({ samples: new Float32Array(0), rate: 8000 })).toThrow("there are no samples to write");
  expect(() => encodeWav({ samples: Float32Array.of(Number.NaN), rate: 8000 })).toThrow("sample 0 is NaN");
});
