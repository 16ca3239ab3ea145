/** What is said in recordings: from a table, from text files beside them, or from their names. */

import { GalateaError } from "../../../core/base/index.ts";
import type { FoundFile } from "../found-files.ts";
import { parseTableRecords } from "../table-records.ts";

export type SplitName = "train" | "validation" | "test";

/** What is known of one recording beside its sound. */
export interface Transcript {
  readonly text: string;
  readonly speaker?: string;
  readonly split?: SplitName;
}

export interface Transcripts {
  /** By the name of the file. */
  readonly of: ReadonlyMap<string, Transcript>;
  readonly notes: readonly string[];
}

const splitNames: Readonly<Record<string, SplitName>> = {
  train: "train",
  training: "train",
  valid: "validation",
  validation: "validation",
  val: "validation",
  dev: "validation",
  test: "test",
  testing: "test",
};
/** Of each text and speaker, recordings of lower numbers are the test set, as usual for the Free Spoken Digit Dataset. */
const testTakes = 5;
/** Text, speaker and number of the take. */
const takePattern = /^([^_]+)_(.+)_(\d+)$/;
const labelPattern = /^([^_]+)_.+$/;

/**
 * The transcripts of recordings, by the first rule that fits:
 *
 * 1. A file `transcripts.csv` (or `.tsv`) among `texts`, with columns `file` and `text`, and maybe `speaker` and `split`
 *    (train, validation or test); `file` is a path from the table's folder.
 * 2. A `.txt` file of the same name beside each recording.
 * 3. Recordings in two or more folders (train, validation and test do not count): the text is the folder's name.
 * 4. Names `text_speaker_number.wav`, or `text_rest.wav`: the text comes before the first underscore. With numbers, 0 to
 *    4 of each text and speaker are test, the rest train.
 *
 * Folders of the names train, validation (valid, val, dev) and test say the split with every rule.
 *
 * @returns `undefined` when no rule fits
 * @throws GalateaError `data` for a table without these columns, with an unknown split, or that names no recording.
 */
export async function findTranscripts(
  recordings: readonly FoundFile[],
  texts: readonly FoundFile[],
): Promise<Transcripts | undefined> {
  const table = texts.find(({ name }) => /(^|\/)transcripts\.(csv|tsv)$/i.test(name));
  if (table) return fromTable(table, recordings);
  const names = recordings.map(({ name }) => name);
  const beside = new Map(texts.map((text) => [text.name, text]));
  if (names.every((name) => beside.has(textName(name)))) {
    const decoder = new TextDecoder();
    const read = async (name: string): Promise<[string, Transcript]> => {
      const text = decoder.decode(await beside.get(textName(name))?.read()).trim();
      return [name, { text, ...splitOf(name) }];
    };
    return {
      of: new Map(await Promise.all(names.map(read))),
      notes: ["transcripts: text files beside the recordings"],
    };
  }
  const byName = (textOf: (name: string) => Transcript): Transcripts["of"] =>
    new Map(names.map((name) => [name, { ...textOf(name), ...splitOf(name) }]));
  if (new Set(names.map(folderOf)).size > 1 && names.every((name) => folderOf(name) !== "")) {
    return { of: byName((name) => ({ text: folderOf(name) })), notes: ["transcripts: the names of folders"] };
  }
  if (names.every((name) => takePattern.test(stemOf(name)))) {
    const note = `transcripts: names of files, before the first "_"; takes 0 to ${testTakes - 1} are test`;
    return { of: byName(takeOf), notes: [note] };
  }
  if (names.every((name) => labelPattern.test(stemOf(name)))) {
    const of = byName((name) => ({ text: stemOf(name).replace(labelPattern, "$1") }));
    return { of, notes: ['transcripts: names of files, before the first "_"'] };
  }
  return undefined;
}

function takeOf(name: string): Transcript {
  const [, text, speaker, take] = takePattern.exec(stemOf(name)) ?? ["", "", "", "0"];
  return { text, speaker, split: Number(take) < testTakes ? "test" : "train" };
}

/** `a/b.wav` -> `a/b.txt`. */
function textName(name: string): string {
  return name.replace(/\.[^./]*$/, ".txt");
}

/** `a/b.wav` -> `b`. */
function stemOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");
}

/** The folder that a file lies in, those of splits left out; "" where there is none. */
function folderOf(name: string): string {
  const folders = name.split("/").slice(0, -1);
  return folders.filter((folder) => !(folder.toLowerCase() in splitNames)).at(-1) ?? "";
}

function splitOf(name: string): { readonly split?: SplitName } {
  const folders = name.split("/").slice(0, -1);
  const split = folders.map((folder) => splitNames[folder.toLowerCase()]).find((found) => found !== undefined);
  return split ? { split } : {};
}

async function fromTable(table: FoundFile, recordings: readonly FoundFile[]): Promise<Transcripts> {
  const [header, ...rows] = await parseTableRecords(await table.read(), table.where, "most");
  const columns = header?.cells.map((cell) => cell.toLowerCase()) ?? [];
  const [fileAt, textAt, speakerAt, splitAt] = ["file", "text", "speaker", "split"].map((name) =>
    columns.indexOf(name),
  );
  if (fileAt < 0 || textAt < 0) {
    const seen = header ? `its columns are ${header.cells.join(", ")}` : "it is empty";
    throw new GalateaError("data", table.where, seen, "columns named file and text, in the first line");
  }
  const folder = table.name.slice(0, table.name.lastIndexOf("/") + 1);
  const present = new Set(recordings.map(({ name }) => name));
  const of = new Map<string, Transcript>();
  let [missing, empty] = [0, 0];
  for (const { line, cells } of rows) {
    const file = cells[fileAt] ?? "";
    const text = cells[textAt] ?? "";
    const name = folder + file.replace(/^(\.\/)+/, "").replaceAll("\\", "/");
    if (of.has(name)) {
      throw new GalateaError("data", `${table.where}:${line}`, `${file} has a transcript already`, "one for each file");
    }
    const given = splitAt < 0 ? "" : (cells[splitAt] ?? "").toLowerCase();
    if (given !== "" && !(given in splitNames)) {
      throw new GalateaError("data", `${table.where}:${line}`, `split is ${given}`, "train, validation or test");
    }
    const split = given === "" ? splitOf(name) : { split: splitNames[given] };
    const speaker = speakerAt < 0 ? "" : (cells[speakerAt] ?? "");
    if (!present.has(name)) missing++;
    else if (text === "") empty++;
    else of.set(name, { text, ...(speaker && { speaker }), ...split });
  }
  if (of.size === 0) {
    const seen = `none of its ${rows.length} lines has a text for a recording that is there`;
    throw new GalateaError("data", table.where, seen, "paths of WAV files from the table's folder");
  }
  const notes: string[] = [];
  if (missing > 0) notes.push(`warning: ${missing} of ${rows.length} files that ${table.name} names are not there`);
  if (empty > 0)
    notes.push(`warning: ${empty} transcript(s) of ${table.name} are empty: their recordings are left out`);
  const without = recordings.length - of.size - empty;
  if (without > 0) notes.push(`warning: ${without} recording(s) that ${table.name} does not name are left out`);
  return { of, notes };
}
