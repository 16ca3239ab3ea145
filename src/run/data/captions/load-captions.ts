/** A folder of images with a table of what is said of them. */

import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { foldKey, GalateaError, hashName, keyFromSeed } from "../../../core/base/index.ts";
import { fileError } from "../../files.ts";
import { type DataSplits, memoryDataset } from "../dataset.ts";
import { findImages, type ImageFile } from "../image-files.ts";
import { splitInThree } from "../splits.ts";
import { type StoreImagesOptions, storeImages } from "../stored-images.ts";
import { readTextColumns } from "../text/text-columns.ts";
import { type CaptionedImages, type CaptionReading, captionSplits } from "./caption-splits.ts";

/** The split is the same for every run, whatever its seed. */
const splitKey = foldKey(keyFromSeed(0), hashName("captions"));

const tableName = /^captions\.(csv|tsv|jsonl|ndjson)(\.gz)?$/i;

/**
 * A folder that holds images, in sub-folders or not, and `captions.csv` (or .tsv, .jsonl; plain or gzip), whose columns say
 * an image's path in the folder and what is said of it; an image with several captions has a row for each.
 *
 * A shuffle of the images with a fixed key splits them 80/10/10. Of training images each caption is an example; an image
 * that is held out is one example, for which all its captions are right. Images that cannot be decoded are left out.
 * @throws GalateaError `data` when there is no table, it lacks a column, a caption is empty, an image that it names is
 *   missing, or none can be decoded.
 */
export async function loadCaptions(
  folder: string,
  { reading, ...options }: StoreImagesOptions & { readonly reading: CaptionReading },
  name = basename(resolve(folder)),
): Promise<DataSplits> {
  const { files, captions, without } = await findCaptioned(folder, reading);
  const { pixels, size, readable, kept, notes: imageNotes } = await storeImages(folder, files, options);
  const [height, width] = size;

  // Images are split, not captions: what is said of a test image is never trained on.
  const number = { number: { dtype: "int32", shape: [], data: Int32Array.from(kept) } } as const;
  const split = splitInThree(memoryDataset(name, kept.length, number), splitKey);
  const imagesOf = async ({ count, gather }: typeof split.train): Promise<readonly number[]> =>
    Array.from((await gather(Array.from({ length: count }, (_, i) => i))).number as Int32Array);
  const rightOf = (image: number): readonly string[] => captions.get(readable[image]) ?? [];
  const part = (images: readonly number[], each: boolean): CaptionedImages => ({
    shape: [pixels.channels, height, width],
    gather: (numbers) => pixels.gather(numbers),
    examples: images.flatMap((image) => {
      const right = rightOf(image);
      return (each ? right : right.slice(0, 1)).map((caption) => ({ image, caption, right }));
    }),
  });
  const notes = [
    ...imageNotes,
    ...(without > 0 ? [`warning: left out ${without} image(s) of which the table says nothing`] : []),
    ...split.notes,
  ];
  const total = kept.reduce((sum, image) => sum + rightOf(image).length, 0);
  const description = `${kept.length} images of ${height} x ${width} with ${total} captions`;
  const parts = {
    train: part(await imagesOf(split.train), true),
    validation: part(await imagesOf(split.validation), false),
    test: part(await imagesOf(split.test), false),
  };
  return captionSplits({ name, description, notes }, parts, reading);
}

interface Captioned {
  /** Those that the table names, sorted by name. */
  readonly files: readonly ImageFile[];
  readonly captions: ReadonlyMap<ImageFile, readonly string[]>;
  /** How many images the table does not name. */
  readonly without: number;
}

async function findCaptioned(folder: string, { file, caption }: CaptionReading): Promise<Captioned> {
  const names = await readdir(folder).catch((cause) => {
    throw fileError("data", folder, "read", cause);
  });
  const table = names.filter((one) => tableName.test(one)).sort()[0];
  if (table === undefined) {
    const right = `a table captions.csv with the columns ${file} and ${caption} beside the images`;
    throw new GalateaError("data", folder, "says nothing of its images", right);
  }
  const path = join(folder, table);
  const rows = await readTextColumns(path, { file, caption });
  const { files } = await findImages(folder);
  const byName = new Map(files.map((one) => [one.name, one]));
  const captions = new Map<ImageFile, string[]>();
  for (const row of rows) {
    const wanted = row.file.trim().replaceAll("\\", "/").replace(/^\.\//, "");
    const found = byName.get(wanted);
    if (!found) {
      const missing = rows.filter((other) => !byName.has(other.file.trim().replaceAll("\\", "/").replace(/^\.\//, "")));
      const more = missing.length > 1 ? `, and ${missing.length - 1} more rows name images that are missing` : "";
      const right = `column ${JSON.stringify(file)} names images by their paths in the folder`;
      throw new GalateaError("data", path, `there is no image ${wanted} in ${folder}${more}`, right);
    }
    captions.set(found, [...(captions.get(found) ?? []), row.caption.trim()]);
  }
  const named = files.filter((one) => captions.has(one));
  return { files: named, captions, without: files.length - named.length };
}
