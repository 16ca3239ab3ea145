/** Files read and written whole: the one place where the product touches a disk to write.
 *
 * A file appears under its name complete or not at all: bytes go to a temporary name beside it, are
 * synced, and the file is renamed; then its folder is synced, so that the name survives a power cut. */

import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type ErrorCode, GalateaError } from "../core/base/index.ts";

const reasons: Readonly<Record<string, readonly [what: string, right: string]>> = {
  ENOSPC: ["the disk is full", "free some space or choose another folder"],
  EDQUOT: ["the disk quota is used up", "free some space or choose another folder"],
  EFBIG: ["the file is larger than this file system allows", "choose another folder"],
  EACCES: ["no permission", "choose a folder that you may use, or change its permissions"],
  EPERM: ["not permitted", "choose a folder that you may use, or change its permissions"],
  EROFS: ["the file system is read-only", "choose another folder"],
  ENOENT: ["it does not exist", "check the spelling of the path"],
  ENOTDIR: ["a part of the path is a file, not a folder", "check the path"],
  EEXIST: ["a part of the path is a file, not a folder", "check the path"],
  EISDIR: ["it is a folder, not a file", "name a file"],
  ENAMETOOLONG: ["the name is too long", "choose a shorter one"],
  EMFILE: ["too many files are open", "raise the limit (ulimit -n)"],
  EIO: ["the device reports an input/output error", "check the disk"],
};

function systemCode(cause: unknown): string | undefined {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** A system's error in words, e.g. `cannot be written: the disk is full (ENOSPC)`. Ours pass unchanged. */
export function fileError(code: ErrorCode, path: string, action: string, cause: unknown): GalateaError {
  if (cause instanceof GalateaError) return cause;
  const name = systemCode(cause);
  const known = name === undefined ? undefined : reasons[name];
  const what = known === undefined ? (cause instanceof Error ? cause.message : String(cause)) : `${known[0]} (${name})`;
  return new GalateaError(code, path, `cannot be ${action}: ${what}`, known?.[1], { cause });
}

/**
 * The bytes of a file.
 *
 * @throws GalateaError `code` when the file is missing or cannot be read.
 */
export async function readBytes(code: ErrorCode, path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw fileError(code, path, "read", cause);
  }
}

/**
 * Makes a folder and those above it; one that exists is left as it is.
 *
 * @throws GalateaError `storage` when it cannot be made.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw fileError("storage", path, "made", cause);
  }
}

/**
 * Checks that a file can be made or replaced, before the work whose result it shall hold. Missing folders are made.
 *
 * @throws GalateaError `storage` when it cannot.
 */
export async function requireWritable(path: string): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  const temporary = temporaryFor(path);
  try {
    if ((await stat(path).catch(() => undefined))?.isDirectory()) {
      throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
    }
    await (await open(temporary, "wx")).close();
  } catch (cause) {
    throw fileError("storage", path, "written", cause);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

function temporaryFor(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`);
}

/** Makes a rename in `folder` durable. Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (cause) {
    // Some network file systems know no sync of folders; there the rename alone has to do.
    if (!["EINVAL", "ENOTSUP", "EBADF"].includes(systemCode(cause) ?? "")) throw cause;
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file through `write`, which gets the temporary file open for writing; what `write` throws
 * leaves neither a temporary nor a final file behind. Missing folders are made.
 *
 * @throws GalateaError `storage` when the folder cannot be written or the disk is full.
 */
export async function writeAtomically(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  const temporary = temporaryFor(path);
  try {
    const file = await open(temporary, "wx");
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError("storage", path, "written", cause);
  }
}

/**
 * Writes a file whole: bytes, a text in UTF-8, or pieces in order. Missing folders are made.
 *
 * @throws GalateaError `storage` when the folder cannot be written or the disk is full.
 */
export function writeFileAtomically(path: string, content: Uint8Array | string | readonly Uint8Array[]): Promise<void> {
  return writeAtomically(path, async (file) => {
    const pieces = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
    for (const piece of pieces) await file.writeFile(piece);
  });
}

/**
 * Removes the temporary files that a killed process left in a folder; only for a folder with one writer.
 *
 * @throws GalateaError `storage` when one cannot be removed.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  try {
    for (const name of await readdir(folder)) {
      if (/^\..+\.[0-9a-f]{8}\.tmp$/.test(name)) await rm(join(folder, name), { force: true });
    }
  } catch (cause) {
    throw fileError("storage", folder, "cleaned", cause);
  }
}
