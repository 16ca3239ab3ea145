import abc from "abcjs";
import { expect, test } from "vitest";
import { decodeAbc } from "./abc.ts";
import { decodeMidi } from "./midi.ts";

const notesOf = async (text: string, chords = false): Promise<readonly (readonly number[])[]> =>
  (await decodeAbc(text, "a.abc", { chords }))[0].notes.map(({ pitch, start, duration }) => [pitch, start, duration]);

const head = "X:1\nT:A tune\nM:4/4\nL:1/4\n";

test("notes, accidentals of the key, octaves, lengths and rests", async () => {
  expect(await notesOf(`${head}K:D\nC F =F, c'2 | z2 A/2 B3/4`)).toEqual([
    [61, 0, 480],
    [66, 480, 480],
    [53, 960, 480],
    [85, 1440, 960],
    [69, 3360, 240],
    [71, 3600, 360],
  ]);
});

test("repeats with first and second endings are played out, ties are one note, triplets are exact", async () => {
  expect(await notesOf(`${head}K:C\n|: C D-|D E [1 F2 :| [2 G2 |`)).toEqual([
    [60, 0, 480],
    [62, 480, 960],
    [64, 1440, 480],
    [65, 1920, 960],
    [60, 2880, 480],
    [62, 3360, 960],
    [64, 4320, 480],
    [67, 4800, 960],
  ]);
  expect(await notesOf(`${head}K:C\n(3CDE F`)).toEqual([
    [60, 0, 320],
    [62, 320, 320],
    [64, 640, 320],
    [65, 960, 480],
  ]);
});

test("meter and tempo: a beat of 6/8 is a dotted quarter", async () => {
  const jig = (tempo: string): string => `X:1\nT:Jig\nM:6/8\nL:1/8\n${tempo}K:G\nGAB c3|\n`;
  const [slow] = await decodeAbc(jig("Q:3/8=100\n"), "a.abc");
  expect([slow.name, slow.beatsPerBar, slow.tempos]).toEqual(["Jig", 3, [{ start: 0, beatsPerMinute: 150 }]]);
  expect((await decodeAbc(jig("Q:1/4=90\n"), "a.abc"))[0].tempos[0].beatsPerMinute).toBeCloseTo(90, 9);
  expect((await decodeAbc(jig(""), "a.abc"))[0].tempos).toEqual([{ start: 0, beatsPerMinute: 180 }]);
});

test("a field that ABC does not know is no music", async () => {
  expect(await notesOf("X:1\nT:t\nY:AAB\nE:9\nM:4/4\nL:1/4\nK:C\nC|")).toEqual([[60, 0, 480]]);
  // After the key a letter before a colon is a note before a bar.
  expect((await notesOf(`${head}K:C\nC D\nE:|`)).map(([pitch]) => pitch)).toEqual([60, 62, 64, 60, 62, 64]);
});

test("many tunes; what stands before the first holds for all; those without notes are left out and said", async () => {
  const book =
    "\ufeff%%abc-version 2.1\nM:3/4\nL:1/4\n\nX:1\nT:One\nK:C\nC|\n\nX:2\nT:None\nK:C\nz|\n\nX:3\nT:Three\nK:C\nE|\n";
  const tunes = await decodeAbc(book.replaceAll("\n", "\r\n"), "a.abc");
  expect(tunes.map(({ name, beatsPerBar, notes }) => [name, beatsPerBar, notes[0].pitch])).toEqual([
    ["One", 3, 60],
    ["Three", 3, 64],
  ]);
  expect(tunes[0].remarks).toEqual(["holds 1 tune(s) without notes: left out"]);
});

test("two voices, and chord symbols only when they are asked for", async () => {
  const [two] = await decodeAbc(`${head}K:C\nV:1\nC2|\nV:2\nE,2|\n`, "a.abc");
  expect(two.notes.map(({ pitch, voice }) => [pitch, voice])).toEqual([
    [60, 0],
    [52, 1],
  ]);
  expect(await notesOf(`${head}K:C\n"G"C4|`)).toHaveLength(1);
  expect((await notesOf(`${head}K:C\n"G"C4|`, true)).length).toBeGreaterThan(3);
});

test("a MIDI file that the library writes by itself holds the same notes", async () => {
  const source = "X:1\nT:Waltz\nM:3/4\nL:1/8\nK:G\n|:D2|G2B2d2|[1 g3f e2:|[2 (3gfe d4|]\n";
  const written: unknown = abc.synth.getMidiFile(source, { midiOutputType: "binary" });
  const { notes, ticksPerBeat } = decodeMidi((Array.isArray(written) ? written[0] : written) as Uint8Array, "a.mid");
  const starts = notes.map(({ pitch, start }) => [pitch, Math.round((480 * start) / ticksPerBeat)]);
  expect(starts).toEqual((await notesOf(source)).map(([pitch, start]) => [pitch, start]));
});

test.each([
  ["", /^a\.abc: the file is empty; a tune starts with X:1/],
  ["Dear reader,\nthis is no music.\n", "a.abc: no tune in ABC notation: no line starts with X: or K:"],
  ["X:1\nT:Silence\nK:C\nz4|\n", "a.abc: its tunes have no notes; notes after the line of the key, e.g. K:C"],
])("%j is refused", async (text, message) => {
  await expect(decodeAbc(text, "a.abc")).rejects.toThrow(message);
});
