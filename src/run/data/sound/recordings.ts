/** Recordings of a folder, with what is said in them. */

import { GalateaError } from "../../../core/base/index.ts";
import { type FileNote, type FoundFile, findFiles, gatherNotes } from "../found-files.ts";
import { forEachConcurrently } from "../image-files.ts";
import { openResampler } from "./resample.ts";
import { findTranscripts, type SplitName } from "./transcripts.ts";
import { type DecodedSound, decodeWav, type Sound } from "./wav.ts";

export interface Recording extends Sound {
  /** Path of its file below the folder. */
  readonly name: string;
  /** What is said; `undefined` where nothing says so. */
  readonly text?: string;
  readonly speaker?: string;
  /** Where the files say to which part it belongs. */
  readonly split?: SplitName;
}

export interface Recordings {
  /** Sorted by name; all of one rate. */
  readonly recordings: readonly Recording[];
  readonly rate: number;
  /** What a person should know: files skipped, resampled, mixed, silent; how transcripts were found. */
  readonly notes: readonly string[];
}

export interface RecordingsOptions {
  /** Samples a second that all are brought to; default: the rate of most of them. */
  readonly rate?: number;
  /** Recordings without a transcript are an error; default false. */
  readonly needTexts?: boolean;
  /** Called as files are read. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Files named in a message. */
const shownFailures = 5;

/**
 * The WAV files in and below a folder, of a tar archive, or of archives in a folder, as mono sound of one rate, with
 * transcripts where there are any (see `findTranscripts` for where they may stand).
 *
 * Files that cannot be read are left out, and a note names them.
 *
 * @throws GalateaError `data` when there is no WAV file, none can be read, the table of transcripts is wrong, or none has
 *   a transcript and `needTexts` is set; `config` for a rate out of range.
 */
export async function readRecordings(path: string, options: RecordingsOptions = {}): Promise<Recordings> {
  // A rate out of range is refused before anything is read.
  if (options.rate !== undefined) openResampler(options.rate).close();
  const files = await findFiles(path, /\.(wav|wave|txt|csv|tsv)$/i);
  const wavs = files.filter(({ name }) => /\.wave?$/i.test(name));
  if (wavs.length === 0) {
    throw new GalateaError("data", path, "it holds no WAV files", "a folder or tar archive of .wav files");
  }
  const texts = files.filter(({ name }) => !/\.wave?$/i.test(name));
  const transcripts = await findTranscripts(wavs, texts);
  if (!transcripts && options.needTexts) {
    const right =
      "transcripts.csv with columns file and text, a .txt beside each, sub-folders, or names like 7_ann_0.wav";
    throw new GalateaError("data", path, "nothing says what its recordings say", right);
  }
  const wanted = transcripts ? wavs.filter(({ name }) => transcripts.of.has(name)) : wavs;
  const { sounds, failures } = await decodeAll(wanted, options.onProgress);
  if (sounds.length === 0) throw new GalateaError("data", path, `no recording can be read: ${nameFailures(failures)}`);
  const rate = options.rate ?? mostCommon(sounds.map(({ sound }) => sound.rate));
  const fileNotes: FileNote[] = sounds.flatMap(({ name, sound }) => sound.notes.map((note) => ({ name, note })));
  const recordings: Recording[] = [];
  const converter = openResampler(rate);
  try {
    for (const { name, sound } of sounds) {
      if (sound.rate !== rate) fileNotes.push({ name, note: `resampled from ${sound.rate} to ${rate} Hz` });
      const samples = await converter.resample(sound);
      recordings.push({ name, samples, rate, ...transcripts?.of.get(name) });
    }
  } finally {
    converter.close();
  }
  const notes = [...(transcripts?.notes ?? ["there are no transcripts"]), ...gatherNotes(fileNotes)];
  if (failures.length > 0) notes.push(`warning: skipped ${failures.length} file(s): ${nameFailures(failures)}`);
  return { recordings, rate, notes };
}

interface NamedSound {
  readonly name: string;
  readonly sound: DecodedSound;
}

async function decodeAll(
  files: readonly FoundFile[],
  onProgress: RecordingsOptions["onProgress"],
): Promise<{ readonly sounds: readonly NamedSound[]; readonly failures: readonly string[] }> {
  const found = new Array<NamedSound | undefined>(files.length);
  const failures: string[] = [];
  let done = 0;
  await forEachConcurrently(files.length, async (index) => {
    const { name, where, read } = files[index];
    try {
      found[index] = { name, sound: decodeWav(await read(), where) };
    } catch (error) {
      if (!(error instanceof GalateaError)) throw error;
      failures.push(error.message);
    }
    onProgress?.(++done, files.length);
  });
  return { sounds: found.filter((sound) => sound !== undefined), failures };
}

function nameFailures(failures: readonly string[]): string {
  const rest = failures.length > shownFailures ? `; and ${failures.length - shownFailures} more` : "";
  return failures.slice(0, shownFailures).join("; ") + rest;
}

/** The most frequent of some numbers; of equally frequent ones the highest. */
function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0][0];
}
