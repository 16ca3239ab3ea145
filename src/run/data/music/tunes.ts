/** Tunes of a folder: MIDI files and ABC tune books. */

import { GalateaError } from "../../../core/base/index.ts";
import { type FileNote, findFiles, gatherNotes } from "../found-files.ts";
import { type AbcReadOptions, decodeAbc } from "./abc.ts";
import { type DecodedTune, decodeMidi, type MidiReadOptions } from "./midi.ts";
import type { Tune } from "./notes.ts";

export interface NamedTune extends Tune {
  /** The file that it stands in, a path below the folder. */
  readonly file: string;
}

export interface Tunes {
  /** By file, then as they stand in it. */
  readonly tunes: readonly NamedTune[];
  /** What a person should know: files skipped, drums left out. */
  readonly notes: readonly string[];
}

export interface TunesOptions extends MidiReadOptions, AbcReadOptions {
  /** Called as files are read. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * The tunes in and below a folder, of a tar archive, of archives in a folder, or of one file: `.mid`, `.midi` and `.abc`.
 * Files that cannot be read are left out, and a note names them.
 *
 * @throws GalateaError `data` when there is no such file, or no notes in any.
 */
export async function readTunes(path: string, options: TunesOptions = {}): Promise<Tunes> {
  const files = await findFiles(path, /\.(mid|midi|abc)$/i);
  if (files.length === 0) {
    throw new GalateaError("data", path, "it holds no music", "a folder or tar archive of .mid or .abc files, or one");
  }
  const tunes: NamedTune[] = [];
  const fileNotes: FileNote[] = [];
  const failures: string[] = [];
  for (const [index, { name, where, read }] of files.entries()) {
    try {
      for (const { remarks, ...tune } of await decode(await read(), name, where, options)) {
        tunes.push({ ...tune, file: name });
        fileNotes.push(...remarks.map((note) => ({ name, note })));
      }
    } catch (error) {
      if (!(error instanceof GalateaError)) throw error;
      failures.push(error.message);
    }
    options.onProgress?.(index + 1, files.length);
  }
  const named = failures.slice(0, 5).join("; ") + (failures.length > 5 ? `; and ${failures.length - 5} more` : "");
  if (tunes.length === 0) throw new GalateaError("data", path, `no music can be read: ${named}`);
  const notes = [...gatherNotes(fileNotes)];
  if (failures.length > 0) notes.push(`warning: skipped ${failures.length} file(s): ${named}`);
  return { tunes, notes };
}

async function decode(
  bytes: Uint8Array,
  name: string,
  where: string,
  options: TunesOptions,
): Promise<readonly DecodedTune[]> {
  if (/\.abc$/i.test(name)) return decodeAbc(new TextDecoder().decode(bytes), where, options);
  return [decodeMidi(bytes, where, options)];
}
