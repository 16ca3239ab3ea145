/** Data sets by path: what lies there decides how it is read. */

import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { GalateaError } from "../../core/base/index.ts";
import { fileError } from "../files.ts";
import { isBinaryTableName, loadBinaryTable } from "./binary-table.ts";
import type { CaptionReading } from "./captions/caption-splits.ts";
import { loadCaptions } from "./captions/load-captions.ts";
import { loadClipFolder } from "./clip-folder.ts";
import type { DataSplits } from "./dataset.ts";
import { loadDomains } from "./domains.ts";
import { isGzip, looksLikeIdx } from "./idx.ts";
import { idxImageFiles, loadIdxFile, loadIdxFolder } from "./idx-images.ts";
import { isImageName } from "./image-files.ts";
import { type ImageFolderOptions, loadImageFolder } from "./image-folder.ts";
import { loadTunes, type MusicReading } from "./music/load-tunes.ts";
import { loadSeries, type SeriesReading } from "./series/load-series.ts";
import { loadSpeech, type SpeechReading } from "./sound/load-speech.ts";
import { loadWaves, type WaveReading } from "./sound/load-waves.ts";
import { loadPairs, type PairReading } from "./text/load-pairs.ts";
import { loadPassages, type PassageReading } from "./text/load-passages.ts";
import { loadStories, type StoryReading } from "./text/load-stories.ts";
import { loadText, type TextReading } from "./text/load-text.ts";
import { isTableName, loadVectors } from "./vectors.ts";

export interface PathOptions extends ImageFolderOptions {
  /** A folder is read as clips of so many frames rather than as images. */
  readonly frames?: number;
  /** Two sub-folders are two domains, rather than labels; paired, images of one name belong together. */
  readonly domains?: "unpaired" | "paired";
  /** Files are text, which becomes tokens. */
  readonly text?: TextReading;
  /** Files are pairs of texts, which become tokens. */
  readonly pairs?: PairReading;
  /** Files are stories with questions. */
  readonly stories?: StoryReading;
  /** Files are texts with questions that their words answer. */
  readonly passages?: PassageReading;
  /** Files are time series, which become windows. */
  readonly series?: SeriesReading;
  /** Files are music, which becomes tokens. */
  readonly music?: MusicReading;
  /** A folder holds images and what is said of them, which becomes tokens. */
  readonly captions?: CaptionReading;
  /** Files are recordings with transcripts, which become features and tokens. */
  readonly speech?: SpeechReading;
  /** Files are recordings, which become levels, sample after sample. */
  readonly waves?: WaveReading;
}

/** What a preset or a trained run wants to be known of how its data is read. */
export type Reading = Pick<
  PathOptions,
  | "size"
  | "channels"
  | "frames"
  | "domains"
  | "text"
  | "pairs"
  | "stories"
  | "passages"
  | "series"
  | "music"
  | "captions"
  | "speech"
  | "waves"
>;

/**
 * The splits of a folder of IDX files, a folder of images or, with `frames`, of clips, one IDX file of images, or one
 * table of numbers or bits (files plain or gzip).
 *
 * @throws GalateaError `data` when there is nothing, or nothing that can be read.
 */
export async function loadPath(
  path: string,
  {
    frames,
    domains,
    text,
    pairs,
    stories,
    passages,
    series,
    music,
    captions,
    speech,
    waves,
    ...options
  }: PathOptions = {},
  name?: string,
): Promise<DataSplits> {
  if (text) return loadText(path, text, name);
  if (pairs) return loadPairs(path, pairs, name);
  if (stories) return loadStories(path, stories, name);
  if (passages) return loadPassages(path, passages, name);
  if (series) return loadSeries(path, series, name);
  if (music) return loadTunes(path, music, name);
  if (captions) return loadCaptions(path, { ...options, reading: captions }, name);
  if (speech) return loadSpeech(path, speech, name);
  if (waves) return loadWaves(path, waves, name);
  const start = await lookAt(path);
  if (start === "folder") {
    if ((await idxImageFiles(path)).length > 0) return loadIdxFolder(path, name);
    if (frames !== undefined) return loadClipFolder(path, { ...options, frames }, name);
    if (domains) return loadDomains(path, { ...options, paired: domains === "paired" }, name);
    return loadImageFolder(path, options, name);
  }
  if (isBinaryTableName(basename(path))) return loadBinaryTable(path, name);
  if (isTableName(basename(path))) return loadVectors(path, name);
  if (isGzip(start) || looksLikeIdx(start)) return loadIdxFile(path, name);
  if (isImageName(basename(path))) {
    throw new GalateaError("data", path, "a single image is no data set", "name the folder that it lies in");
  }
  const what = start.length === 0 ? "the file is empty" : "a file of unknown kind";
  throw new GalateaError(
    "data",
    path,
    what,
    "an IDX file or a table of numbers (plain or .gz), or a folder of IDX files or images",
  );
}

/** Whether a path is a folder; of a file the first bytes. */
async function lookAt(path: string): Promise<"folder" | Uint8Array> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : await firstBytes(path);
  } catch (cause) {
    throw fileError("data", path, "read", cause);
  }
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
