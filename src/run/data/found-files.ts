/** Files by their names, wherever they lie: in a folder, in a tar archive, or in archives that lie in a folder. */

import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { GalateaError } from "../../core/base/index.ts";
import { fileError, readBytes } from "../files.ts";
import { readUnpacked } from "./idx.ts";

export interface FoundFile {
  /** Path below the folder or in the archive, with `/` between its parts on every system. */
  readonly name: string;
  /** Names the file in errors. */
  readonly where: string;
  /** Its bytes. Throws GalateaError `data` when it cannot be read. */
  readonly read: () => Promise<Uint8Array>;
}

/** What a reader had to say about files that it read all the same, or left out. */
export interface FileNote {
  readonly name: string;
  readonly note: string;
}

/** Of archives that are read as if they were unpacked. */
export const archiveEnding = /\.(tar|tar\.gz|tgz)$/i;

/**
 * The files in and below a folder whose names match, those of its archives (`.tar`, `.tar.gz`, `.tgz`) as if they were
 * unpacked beside the archive. A path may also be one archive, or one matching file. Links are followed, each folder is
 * entered once; names that start with a dot are left out.
 *
 * @returns sorted by name, in the order of UTF-16 units
 * @throws GalateaError `data` when something cannot be read, or an archive is damaged.
 */
export async function findFiles(path: string, wanted: RegExp): Promise<readonly FoundFile[]> {
  const files: FoundFile[] = [];
  const entered = new Set<string>();
  const take = async (at: string, parts: readonly string[]): Promise<void> => {
    const found = await stat(at).catch((cause: unknown) => {
      // A link that leads nowhere is no file; the path that was asked for must be there.
      if (parts.length > 0) return undefined;
      throw cause;
    });
    if (found?.isDirectory()) {
      const real = await realpath(at);
      if (entered.has(real)) return;
      entered.add(real);
      const names = (await readdir(at)).filter((name) => !name.startsWith("."));
      for (const name of names) await take(join(at, name), [...parts, name]);
    } else if (found?.isFile() && archiveEnding.test(at)) {
      for (const file of await readArchive(at, parts.slice(0, -1), wanted)) files.push(file);
    } else if (found?.isFile() && wanted.test(basename(at))) {
      files.push({ name: parts.join("/") || basename(at), where: at, read: () => readBytes("data", at) });
    }
  };
  try {
    await take(path, []);
  } catch (cause) {
    throw fileError("data", path, "read", cause);
  }
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  return files;
}

async function readArchive(path: string, parts: readonly string[], wanted: RegExp): Promise<readonly FoundFile[]> {
  const bytes = await readUnpacked(path);
  const { unpackTar } = await import("modern-tar");
  const files: FoundFile[] = [];
  try {
    for (const { header, data } of await unpackTar(bytes, { strict: true })) {
      const name = header.name.replace(/^(\.\/)+/, "");
      if (data === undefined || header.type === "directory") continue;
      // macOS puts "._name" beside each "name".
      const hidden = name.split("/").some((part) => part.startsWith("."));
      if (hidden || !wanted.test(name.slice(name.lastIndexOf("/") + 1))) continue;
      files.push({ name: [...parts, name].join("/"), where: `${path}/${name}`, read: async () => data });
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const right = "copy or download the file again";
    throw new GalateaError("data", path, `the archive is damaged (${reason})`, right, { cause });
  }
  return files;
}

/** Notes of many files as few lines: each kind once, with its count and the first names. */
export function gatherNotes(notes: readonly FileNote[]): readonly string[] {
  const byNote = new Map<string, string[]>();
  for (const { name, note } of notes) {
    const names = byNote.get(note);
    if (names) names.push(name);
    else byNote.set(note, [name]);
  }
  return [...byNote].map(([note, names]) => {
    const shown = names.slice(0, 5).join(", ");
    return `${names.length} file(s) ${note}: ${shown}${names.length > 5 ? ", ..." : ""}`;
  });
}
