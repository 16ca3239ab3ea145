/** Named data sets, and where each is looked for: the user's data folder, what npm packages ship, the
 * cache, its public address. */

import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { closest, distance } from "fastest-levenshtein";
import { GalateaError } from "../../core/base/index.ts";
import type { DataSplits } from "./dataset.ts";
import { download, type RemoteFile } from "./download.ts";
import type { DataOptions, NamedData } from "./named-data.ts";
import { catalog } from "./named-data-list.ts";
import { narrowSplits, splitSource } from "./narrow.ts";
import { loadPath, type PathOptions } from "./path.ts";

/** What `galatea data list` shows. */
export interface DataListing {
  readonly name: string;
  readonly description: string;
  /** Where it would come from now: a folder, `npm package ...`, or an address. */
  readonly origin: string;
  /** Whether it is on this machine. */
  readonly present: boolean;
}

/** The data set that is used when none is named. */
const defaultName = "digits";

/**
 * The data set of a name or path; of `digits` when there is none. A name of the catalog comes first: write
 * `./digits` for a folder of that name. Suffixes such as `#perClass=50` keep a part of it to train on (narrow.ts).
 *
 * @throws GalateaError `data` for an unknown name, a path where nothing is, or data that cannot be read; `usage` for a
 *   wrong suffix.
 */
export async function resolveData(source: string | undefined, options: DataOptions = {}): Promise<DataSplits> {
  const { base, narrowings } = splitSource(source ?? defaultName);
  let splits = await resolveWhole(base, options);
  for (const narrowing of narrowings) splits = await narrowSplits(splits, narrowing);
  return splits;
}

async function resolveWhole(path: string, options: DataOptions): Promise<DataSplits> {
  const named = catalog.find(({ name }) => name === path);
  if (named !== undefined) return resolveNamed(named, options);
  if ((await kindOf(path)) === undefined) throw unknownSource(path);
  return loadPath(path, pathOptions(options));
}

/** The named data sets, with where each would come from now. */
export async function listData(options: DataOptions = {}): Promise<readonly DataListing[]> {
  return Promise.all(
    catalog.map(async (named) => {
      const { name, description } = named;
      if (named.generate) return { name, description, origin: "made here", present: true };
      const place = await findPlace(named, options);
      if (place !== undefined) return { name, description, origin: place.origin, present: true };
      const address = named.remote === undefined ? undefined : dirname(named.remote[0].url);
      const missing = named.inPackage
        ? `npm package ${named.inPackage.name} (not installed)`
        : "the folder GALATEA_DATA";
      const origin = address ?? missing;
      return { name, description, origin, present: false };
    }),
  );
}

/**
 * Fetches a named data set if it is not on this machine yet. Returns the folder that it is in.
 *
 * @throws GalateaError `data` for an unknown name, or when it cannot be fetched; `storage` when it cannot
 *   be written.
 */
export async function fetchData(name: string, options: DataOptions = {}): Promise<string> {
  const named = catalog.find((candidate) => candidate.name === name);
  if (named === undefined) throw unknownSource(name);
  if (named.generate) throw new GalateaError("data", name, "is made when it is used", "there is nothing to fetch");
  return obtain(named, options);
}

/**
 * Where fetched data is kept by default.
 *
 * @param environment E.g. `process.env`: `XDG_CACHE_HOME` is heeded.
 * @param home The user's home folder.
 */
export function defaultCacheFolder(environment: Readonly<Record<string, string | undefined>>, home: string): string {
  return join(environment.XDG_CACHE_HOME || join(home, ".cache"), "galatea");
}

/** `resolveData` for one entry of a catalog. */
export async function resolveNamed(named: NamedData, options: DataOptions): Promise<DataSplits> {
  if (named.generate) return named.generate(options, resolveData);
  const images = { ...pathOptions(options), ...(named.only && { only: named.only }) };
  const splits = await loadPath(await obtain(named, options), images, named.name);
  return { ...splits, name: named.name, description: named.description };
}

function pathOptions({ reading, cacheFolder, onProgress }: DataOptions): PathOptions {
  const options = { ...reading, ...(cacheFolder !== undefined && { cacheFolder }) };
  if (onProgress === undefined) return options;
  return { ...options, onProgress: (done, total) => onProgress(done, total, "images") };
}

async function obtain(named: NamedData, options: DataOptions): Promise<string> {
  const place = await findPlace(named, options);
  if (place !== undefined) return place.folder;
  const { name, inPackage, remote } = named;
  if (remote === undefined && inPackage === undefined) {
    const right = `put ${named.dataPath ?? name} into the folder that GALATEA_DATA names`;
    throw new GalateaError("data", name, "not on this machine", right);
  }
  if (remote === undefined) {
    throw new GalateaError("data", name, `npm package ${inPackage?.name} is not installed`, "run npm install");
  }
  if (options.cacheFolder === undefined) {
    throw new GalateaError("data", name, "not on this machine", "give a cache folder for it to be fetched to");
  }
  const folder = join(options.cacheFolder, name);
  const total = remote.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  for (const file of remote) {
    const path = join(folder, localName(file));
    const progress = (done: number): void => options.onProgress?.(before + done, total, "bytes");
    if (!(await isComplete(path, file))) await download(file, path, { onProgress: progress });
    before += file.bytes;
  }
  return folder;
}

interface Place {
  readonly folder: string;
  readonly origin: string;
}

/** The first place on this machine that has the data set. */
async function findPlace(named: NamedData, options: DataOptions): Promise<Place | undefined> {
  const { name, inPackage, remote } = named;
  if (named.inDataFolder && options.dataFolder !== undefined) {
    if ((await kindOf(options.dataFolder)) !== "folder") {
      const right = "GALATEA_DATA names a folder with a sub-folder for each data set";
      throw new GalateaError("data", options.dataFolder, "no such folder", right);
    }
    const path = join(options.dataFolder, named.dataPath ?? name);
    if ((await kindOf(path)) === (named.dataPath ? "file" : "folder")) return { folder: path, origin: path };
  }
  const packageFolder = inPackage && folderOfPackage(inPackage.name);
  if (inPackage !== undefined && packageFolder !== undefined) {
    return { folder: join(packageFolder, inPackage.folder), origin: `npm package ${inPackage.name}` };
  }
  if (remote !== undefined && options.cacheFolder !== undefined) {
    const folder = join(options.cacheFolder, name);
    const complete = await Promise.all(remote.map((file) => isComplete(join(folder, localName(file)), file)));
    if (complete.every((value) => value)) return { folder, origin: folder };
  }
  return undefined;
}

function folderOfPackage(name: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** The name of a fetched file, which is kept unpacked. */
function localName({ url }: RemoteFile): string {
  return basename(new URL(url).pathname).replace(/\.gz$/, "");
}

/** A file under its final name had the right hash when it got it; its size shows damage done since. */
async function isComplete(path: string, { bytes }: RemoteFile): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.size === bytes;
}

async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && (found.isDirectory() ? "folder" : "file");
}

function unknownSource(source: string): GalateaError {
  const names = catalog.map(({ name }) => name);
  const known = `known names are ${names.join(", ")}`;
  if (/[\\/]/.test(source)) {
    return new GalateaError(
      "data",
      source,
      `there is no file or folder ${resolve(source)}`,
      `check the path; ${known}`,
    );
  }
  const nearest = closest(source, names);
  const near = distance(source.toLowerCase(), nearest) <= Math.max(2, nearest.length / 3);
  const what = "neither the name of a data set nor a file or folder here";
  return new GalateaError("data", source, what, near ? `did you mean ${nearest}? ${known}` : known);
}
