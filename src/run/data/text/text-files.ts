/** Files of text: read whole, plain or gzip, and checked to be UTF-8. */

import { isUtf8 } from "node:buffer";
import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { GalateaError } from "../../../core/base/index.ts";
import { fileError } from "../../files.ts";
import { readUnpacked } from "../idx.ts";

export interface TextRecord {
  /** Path of the file below the folder, with `/` between its parts; or the file's own name. */
  readonly name: string;
  readonly text: string;
}

/** Endings that say that a file in a folder is text; `.gz` may follow. */
const textName = /\.(txt|text|md|markdown|rst|tex)(\.gz)?$/i;

/**
 * The text of a file, without a byte order mark; line ends stay as they are.
 *
 * @throws GalateaError `data` when the file is missing, is empty, or holds a byte that is no UTF-8; the message names its
 *   offset (of the unpacked file, counted from 0) and line.
 */
export async function readTextFile(path: string): Promise<string> {
  const text = decodeUtf8(await readUnpacked(path), path);
  if (text.trim() !== "") return text;
  const seen = text === "" ? "the file is empty" : "the file holds nothing but white space";
  throw new GalateaError("data", path, seen, "a file with text");
}

/**
 * Reads a text file, or all text files in and below a folder (.txt, .text, .md, .markdown, .rst and .tex, plain or .gz;
 * hidden ones left out) in the order of their names. Empty files of a folder are left out.
 *
 * @throws GalateaError `data` when there is no text, or as {@link readTextFile} says.
 */
export async function readTexts(path: string): Promise<readonly TextRecord[]> {
  const files = await filesAt(path);
  const single = files.length === 1 && files[0] === path;
  const records: TextRecord[] = [];
  for (const file of files) {
    const text = single ? await readTextFile(file) : decodeUtf8(await readUnpacked(file), file);
    const name = single ? basename(file) : relative(path, file).split(sep).join("/");
    if (text.trim() !== "") records.push({ name, text });
  }
  if (records.length > 0) return records;
  const seen = files.length === 0 ? "the folder holds no text files" : `all ${files.length} text files are empty`;
  throw new GalateaError("data", path, seen, "a text file, or a folder of .txt or .md files");
}

async function filesAt(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && textName.test(entry.name));
    const paths = files.map((entry) => join(entry.parentPath, entry.name));
    const isVisible = (file: string): boolean =>
      !relative(path, file)
        .split(sep)
        .some((part) => part.startsWith("."));
    return paths.filter(isVisible).sort();
  } catch (cause) {
    throw fileError("data", path, "read", cause);
  }
}

/**
 * The lines of a text, without their ends (LF or CRLF); the last line needs none.
 */
export function splitLines(text: string): string[] {
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  if (lines[lines.length - 1] === "") lines.pop();
  return lines;
}

/**
 * Bytes as text, without a byte order mark.
 * @throws GalateaError `data` for bytes that are no UTF-8, or that are UTF-16 by their mark.
 */
export function decodeUtf8(bytes: Uint8Array, path: string): string {
  const right = "text in UTF-8: save it again as such, e.g. `iconv -f latin1 -t utf-8`";
  const mark = bytes.length >= 2 ? bytes[0] * 256 + bytes[1] : 0;
  if (mark === 0xfffe || mark === 0xfeff) {
    const kind = mark === 0xfffe ? "little" : "big";
    throw new GalateaError("data", path, `the text is UTF-16 (${kind}-endian) by its first two bytes`, right);
  }
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  const offset = firstInvalid(bytes);
  const line = 1 + bytes.subarray(0, offset).reduce((count, byte) => count + Number(byte === 0x0a), 0);
  const value = bytes[offset].toString(16).padStart(2, "0");
  const kind = bytes.includes(0) ? "; it looks like a binary file" : "";
  throw new GalateaError("data", path, `byte ${offset} (${value}, in line ${line}) is no UTF-8${kind}`, right);
}

/** Where the first character begins that is not well-formed: too long a spelling, half a pair, cut off, out of range. */
function firstInvalid(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at];
    const length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (!isUtf8(bytes.subarray(at, at + length))) return at;
    at += length;
  }
  return bytes.length - 1;
}
