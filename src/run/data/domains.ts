/** Two sets of images side by side: what a translation between them is learned from. */

import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import {
  foldKey,
  GalateaError,
  hashName,
  type Key,
  keyFromSeed,
  permutation,
  type Shape,
} from "../../core/base/index.ts";
import { fileError } from "../files.ts";
import type { Batch, DataSplits, Dataset } from "./dataset.ts";
import { findImages } from "./image-files.ts";
import { type ImageFolderOptions, loadImageFolder } from "./image-folder.ts";

export interface DomainsOptions extends ImageFolderOptions {
  /** Whether images of equal names belong together; then both folders must hold the same names. */
  readonly paired?: boolean;
}

/** In which order the images of the smaller domain are repeated: the same in every run. */
const orderKey = foldKey(keyFromSeed(0), hashName("domains"));

/** Fewer images than this cannot be held out from training. */
const leastImages = 2;

/**
 * Loads a folder with two sub-folders of images: the fields `image`, of the first by name, and `target`, of the second.
 *
 * Both come to one size and number of channels: what was asked for, else the most common size of the first domain, and
 * colour where either has colour. Where one domain has fewer images, they are repeated, each time in another order.
 *
 * Shapes: `image` and `target` uint8 [channels, height, width].
 * @throws GalateaError `data` when there are not exactly two sub-folders, one holds fewer than 2 images, or `paired` is
 *   set and names differ.
 */
export async function loadDomains(
  folder: string,
  options: DomainsOptions = {},
  name = basename(resolve(folder)),
): Promise<DataSplits> {
  const { paired = false, ...images } = options;
  const names = await domainNames(folder);
  const folders = names.map((domain) => join(folder, domain));
  if (paired) await requireSameNames(folders);
  const load = (i: number, given: ImageFolderOptions): Promise<DataSplits> =>
    loadImageFolder(folders[i], given, names[i]);

  let first = await load(0, images);
  const [, height, width] = imageShape(first);
  let second = await load(1, { ...images, size: [height, width] });
  const [channels, others] = [imageShape(first)[0], imageShape(second)[0]];
  // Notes of the second loading say that grey became colour.
  if (channels < others) first = await load(0, { ...images, size: [height, width], channels: 3 });
  if (others < channels) second = await load(1, { ...images, size: [height, width], channels: 3 });
  const domains = [first, second];
  domains.forEach((domain, i) => {
    const count = countOf(domain);
    if (count >= leastImages) return;
    const right = `at least ${leastImages} are needed to learn how they look`;
    throw new GalateaError("data", folders[i], `holds ${count} image that can be read`, right);
  });
  const notes = domains.flatMap((domain, i) => domain.notes.map((note) => `${names[i]}: ${note}`));
  const splits = joinDomains(name, first, second, paired);
  return { ...splits, notes: [...notes, ...splits.notes] };
}

/**
 * Two data sets of images as one with the fields `image` and `target`.
 *
 * Unpaired, the smaller one of each split is repeated in an order shuffled anew each time; paired, examples of equal
 * number belong together.
 * @throws GalateaError `data` when the images' shapes differ, or the counts of pairs.
 */
export function joinDomains(name: string, first: DataSplits, second: DataSplits, paired = false): DataSplits {
  const shapes = [imageShape(first), imageShape(second)];
  if (shapes[0].join() !== shapes[1].join()) {
    throw new GalateaError("data", name, `images of ${shapes[0].join(" x ")} and ${shapes[1].join(" x ")}`, "one size");
  }
  const counts = [countOf(first), countOf(second)];
  if (paired && counts[0] !== counts[1]) {
    throw new GalateaError("data", name, `${counts[0]} and ${counts[1]} images`, "pairs need as many of each");
  }
  const join = (split: "train" | "validation" | "test", stream: number): Dataset =>
    paired
      ? zip(`${name} ${split}`, first[split], second[split])
      : zipUnpaired(`${name} ${split}`, first[split], second[split], foldKey(orderKey, stream));
  const [channels, height, width] = shapes[0];
  const kind = `${channels === 1 ? "grey" : "colour"} images of ${height} x ${width}`;
  const notes =
    counts[0] === counts[1]
      ? []
      : [`${first.name} has ${counts[0]} images and ${second.name} ${counts[1]}: the fewer are repeated`];
  return {
    name,
    description: `${counts[0]} ${first.name} (image) and ${counts[1]} ${second.name} (target), ${kind}`,
    train: join("train", 0),
    validation: join("validation", 1),
    test: join("test", 2),
    notes,
  };
}

async function domainNames(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw fileError("data", folder, "read", cause);
  });
  const folders = entries.filter((entry) => !entry.isFile() && !entry.name.startsWith("."));
  const names = folders.map((entry) => entry.name).sort();
  if (names.length === 2) return names;
  const seen = names.length === 0 ? "it has no sub-folders" : `its sub-folders are ${names.slice(0, 5).join(", ")}`;
  const right = "two domains need exactly two sub-folders of images, such as photos and paintings";
  throw new GalateaError("data", folder, seen, right);
}

async function requireSameNames(folders: readonly string[]): Promise<void> {
  const [first, second] = await Promise.all(
    folders.map(async (folder) => new Set((await findImages(folder)).files.map(({ name }) => stem(name)))),
  );
  const lonely = [...first].find((name) => !second.has(name)) ?? [...second].find((name) => !first.has(name));
  if (lonely === undefined) return;
  const right = "pairs are images of one name in both folders; leave paired out if none belong together";
  throw new GalateaError("data", lonely, "is in one of the two folders only", right);
}

/** A file's name without its ending: a photo may belong to a drawing of another format. */
function stem(name: string): string {
  return name.replace(/\.[^.]*$/, "");
}

function imageShape({ train }: DataSplits): Shape {
  return train.fields.image.shape;
}

/** All examples; of fewer than three, every split is the whole. */
function countOf({ train, validation, test }: DataSplits): number {
  return train === validation ? train.count : train.count + validation.count + test.count;
}

function zip(
  name: string,
  first: Dataset,
  second: Dataset,
  of: (index: number) => readonly [number, number] = (index) => [index, index],
): Dataset {
  const fields = { image: first.fields.image, target: second.fields.image };
  const gather = async (indices: Uint32Array | readonly number[]): Promise<Batch> => {
    const places = Array.from(indices, of);
    const [a, b] = await Promise.all([first.gather(places.map(([i]) => i)), second.gather(places.map(([, j]) => j))]);
    return { image: a.image, target: b.image };
  };
  return { name, count: Math.max(first.count, second.count), fields, gather };
}

function zipUnpaired(name: string, first: Dataset, second: Dataset, key: Key): Dataset {
  const count = Math.max(first.count, second.count);
  const [a, b] = [first, second].map((dataset, side) =>
    dataset.count === count ? undefined : repeatedOrder(dataset.count, count, foldKey(key, side)),
  );
  return zip(name, first, second, (index) => [a?.[index] ?? index, b?.[index] ?? index]);
}

/** `length` indices below `count`: whole shuffles, one after the other. */
function repeatedOrder(count: number, length: number, key: Key): Uint32Array {
  const order = new Uint32Array(length);
  for (let start = 0, round = 0; start < length; start += count, round++) {
    order.set(permutation(foldKey(key, round), count).subarray(0, length - start), start);
  }
  return order;
}
