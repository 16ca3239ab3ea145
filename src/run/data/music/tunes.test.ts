import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { encodeMidi } from "./midi.ts";
import { readTunes } from "./tunes.ts";

const midi = encodeMidi({
  ...{ name: "M", ticksPerBeat: 4, beatsPerBar: 4, tempos: [{ start: 0, beatsPerMinute: 120 }] },
  notes: [{ pitch: 60, start: 0, duration: 4, velocity: 80, voice: 0 }],
});

async function folder(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "galatea-tunes-"));
  onTestFinished(() => rm(path, { recursive: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return path;
}

test("a folder of both kinds; what cannot be read is skipped and named", async () => {
  const files = {
    "b.mid": midi,
    "a.abc": "X:1\nT:A\nK:C\nCD|\n\nX:2\nT:B\nK:C\nEF|\n",
    "c.mid": "no music",
    "d.txt": "x",
  };
  const path = await folder(files);
  const { tunes, notes } = await readTunes(path);
  expect(tunes.map(({ file, name, notes: own }) => [file, name, own.length])).toEqual([
    ["a.abc", "A", 2],
    ["a.abc", "B", 2],
    ["b.mid", "M", 1],
  ]);
  expect(notes).toEqual([expect.stringMatching(/^warning: skipped 1 file\(s\): .*c\.mid: no MIDI file/)]);
  expect((await readTunes(join(path, "b.mid"))).tunes).toHaveLength(1);
});

test("no music is an error", async () => {
  await expect(readTunes(await folder({ "a.txt": "x" }))).rejects.toThrow("it holds no music; a folder or tar archive");
  await expect(readTunes(await folder({ "a.mid": "x" }))).rejects.toThrow(
    /no music can be read: .*a\.mid: no MIDI file/,
  );
});

const tunebooks = resolve(import.meta.dirname, "../../../../../shared/data/nottingham-abc");

test.skipIf(!existsSync(tunebooks))(
  "the Nottingham tunes, as their archive has them",
  async () => {
    const { tunes, notes } = await readTunes(tunebooks);
    expect(tunes).toHaveLength(1034);
    expect(notes).toEqual([]);
    expect(tunes.find(({ name }) => name === "A and D")?.notes.slice(0, 2)).toEqual([
      { pitch: 78, start: 0, duration: 240, velocity: 85, voice: 0 },
      { pitch: 76, start: 240, duration: 240, velocity: 105, voice: 0 },
    ]);
  },
  120_000,
);
