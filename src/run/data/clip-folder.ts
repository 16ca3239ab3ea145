/** A folder of short clips as a data set: animated GIF or WebP files, or sub-folders of numbered pictures. */

import { basename, dirname, resolve } from "node:path";
import { foldKey, GalateaError, hashName, keyFromSeed } from "../../core/base/index.ts";
import type { DataSplits } from "./dataset.ts";
import {
  decodeImage,
  findImages,
  fingerprintOf,
  forEachConcurrently,
  type ImageFile,
  type ImageHeader,
  readHeader,
  toPlanes,
} from "./image-files.ts";
import { classesOf, type ImageFolderOptions, labelsOf } from "./image-folder.ts";
import { nameFailures, skippedNotes } from "./image-notes.ts";
import { pixelDataset, storePixels } from "./pixel-store.ts";
import { reasonOf } from "./pixels.ts";
import { splitInThree } from "./splits.ts";
import { checkSize, mostCommonSize } from "./stored-images.ts";

export interface ClipFolderOptions extends Omit<ImageFolderOptions, "only"> {
  /** Frames of a clip: longer ones are cut after so many, shorter ones left out. */
  readonly frames: number;
}

/** A clip, and where its frames lie. */
interface Clip {
  readonly name: string;
  readonly label: string | undefined;
  readonly header: ImageHeader;
  readonly frames: readonly { readonly path: string; readonly page: number }[];
}

/** The split is the same for every run, whatever its seed. */
const splitKey = foldKey(keyFromSeed(0), hashName("clip-folder"));
/** `frame-2` comes before `frame-10`. */
const byNumber = new Intl.Collator("en", { numeric: true });

/**
 * Loads a folder of clips. An animated GIF or WebP file is a clip; so are all other images of one folder, in the order
 * of the numbers in their names. Labels are the sub-folders that clips lie in, where all do.
 *
 * Shapes: `video` uint8 [frames, channels, height, width]; `label` int32, where there are labels.
 *
 * @throws GalateaError `data` when there is no clip, or none of so many frames; `config` for a size or a number of
 *   frames out of range.
 */
export async function loadClipFolder(
  folder: string,
  options: ClipFolderOptions,
  name = basename(resolve(folder)),
): Promise<DataSplits> {
  const { frames } = options;
  checkSize(options.size);
  if (!(Number.isInteger(frames) && frames >= 1 && frames <= 4096)) {
    throw new GalateaError("config", "frames", `is ${frames}`, "a whole number from 1 to 4096");
  }
  const failures = new Map<ImageFile, string>();
  const found = await findClips(folder, failures);
  if (found.length === 0) throw noClips(folder, failures);
  const clips = found.filter((clip) => clip.frames.length >= frames);
  if (clips.length === 0) {
    const longest = Math.max(...found.map((clip) => clip.frames.length));
    const seen = `none of its ${found.length} clip(s) has ${frames} frames, the longest has ${longest}`;
    throw new GalateaError("data", folder, seen, `longer clips, or frames=${longest} at most`);
  }
  const headers = clips.map(({ header }) => header);
  const [height, width] = options.size ?? mostCommonSize(headers);
  const stored = options.channels ?? (headers.every(({ grey }) => grey) ? 1 : 3);
  const layout = { frames, channels: stored, area: height * width };
  const pixels = await storePixels({
    ...options,
    folder,
    what: `${clips.length} clips of ${frames} frames of ${height} x ${width}`,
    count: clips.length,
    layout,
    decode: async (index) => {
      const bytes = new Uint8Array(frames * stored * layout.area);
      for (const [t, { path, page }] of clips[index].frames.slice(0, frames).entries()) {
        bytes.set(toPlanes(await decodeImage(path, [height, width], stored, page), stored), t * stored * layout.area);
      }
      return bytes;
    },
    mayBecomeGrey: options.channels === undefined,
    fingerprint: async () => ({
      frames,
      files: await fingerprintOf(
        clips.flatMap((clip) => clip.frames.slice(0, clip.frames[0].path === clip.frames.at(-1)?.path ? 1 : frames)),
        [height, width],
      ),
    }),
  });
  const kept = clips.flatMap((_, index) => (pixels.failures.has(index) ? [] : [index]));
  for (const [index, reason] of pixels.failures) failures.set({ ...clips[index], path: "" }, reason);
  if (kept.length === 0) throw noClips(folder, failures);
  const good = kept.map((index) => clips[index]);
  const classes = good.every(({ label }) => label !== undefined) ? classesOf(good) : undefined;
  const { channels } = pixels;
  const all = pixelDataset(name, pixels, {
    field: "video",
    shape: [frames, channels, height, width],
    kept,
    ...(classes && { classes, labels: labelsOf(good, classes) }),
  });
  const parts = splitInThree(all, splitKey);
  const kind = `${channels === 1 ? "grey" : "colour"} clips of ${frames} frames of ${height} x ${width}`;
  const description = `${good.length} ${kind}, ${classes ? `${classes.length} classes` : "no labels"}`;
  const notes = [...pixels.notes, ...skippedNotes(failures), ...lengthNotes(found, frames), ...parts.notes];
  return { name, description, ...parts, notes };
}

async function findClips(folder: string, failures: Map<ImageFile, string>): Promise<readonly Clip[]> {
  const { files } = await findImages(folder);
  const headers = new Array<ImageHeader | undefined>(files.length);
  await forEachConcurrently(files.length, async (index) => {
    try {
      headers[index] = await readHeader(files[index].path);
    } catch (error) {
      failures.set(files[index], reasonOf(error));
    }
  });
  const clips: Clip[] = [];
  const stills = new Map<string, { file: ImageFile; header: ImageHeader }[]>();
  for (const [index, file] of files.entries()) {
    const header = headers[index];
    if (!header) continue;
    if (header.pages > 1) {
      const frames = Array.from({ length: header.pages }, (_, page) => ({ path: file.path, page }));
      clips.push({ name: file.name, label: file.label, header, frames });
      continue;
    }
    const place = dirname(file.name);
    stills.set(place, [...(stills.get(place) ?? []), { file, header }]);
  }
  for (const [place, all] of stills) {
    const ordered = all.sort((a, b) => byNumber.compare(a.file.name, b.file.name));
    // The folder of the frames is the clip; what lies above it is its label.
    const label = place.includes("/") ? place.split("/")[0] : undefined;
    const frames = ordered.map(({ file }) => ({ path: file.path, page: 0 }));
    clips.push({ name: place, label, header: ordered[0].header, frames });
  }
  return clips.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function lengthNotes(clips: readonly Clip[], frames: number): readonly string[] {
  const notes: string[] = [];
  const short = clips.filter((clip) => clip.frames.length < frames);
  if (short.length > 0) {
    const named = short.slice(0, 10).map((clip) => `${clip.name} (${clip.frames.length})`);
    const rest = short.length > 10 ? `, and ${short.length - 10} more` : "";
    notes.push(`warning: skipped ${short.length} clip(s) of fewer than ${frames} frames: ${named.join(", ")}${rest}`);
  }
  const long = clips.filter((clip) => clip.frames.length > frames).length;
  if (long > 0) notes.push(`${long} of ${clips.length} clips were longer: cut after ${frames} frames`);
  return notes;
}

function noClips(folder: string, failures: ReadonlyMap<ImageFile, string>): GalateaError {
  const seen = failures.size === 0 ? "it holds no clips" : `no clip can be decoded: ${nameFailures(failures)}`;
  const right = "put animated GIF or WebP files in it, or a sub-folder of numbered pictures per clip";
  return new GalateaError("data", folder, seen, right);
}
