/** The pixels of all examples of a folder: decoded once, kept in memory where they fit, else in a file. */

import { GalateaError, type Shape } from "../../core/base/index.ts";
import { type Batch, checkIndices, type Dataset } from "./dataset.ts";
import { openPixelFile } from "./pixel-file.ts";
import { decodeAll, megabytes, type PixelOptions, type Pixels, sizeOfExample } from "./pixels.ts";

/**
 * Decodes all examples; a file that an earlier call made of the same ones is used as it is.
 *
 * @throws GalateaError `data` when they do not fit into memory and there is no folder for them; `storage` when the file
 *   cannot be written.
 */
export async function storePixels(options: PixelOptions): Promise<Pixels> {
  const { folder, what, count, layout, cacheFolder, maxBytes = 2 ** 31 } = options;
  const needed = count * sizeOfExample(layout);
  if (needed <= maxBytes) return inMemory(options);
  if (cacheFolder !== undefined) return openPixelFile({ ...options, cacheFolder });
  const right = `at most ${megabytes(maxBytes)} fit; choose a smaller size, or give a cache folder to keep them in a file`;
  throw new GalateaError("data", folder, `${what} take ${megabytes(needed)}`, right);
}

export interface PixelFields {
  /** Name of the field that the pixels are. */
  readonly field: "image" | "video";
  readonly shape: Shape;
  /** Which examples could be decoded, in order. */
  readonly kept: readonly number[];
  readonly classes?: readonly string[];
  /** Of each that is kept. */
  readonly labels?: Int32Array;
}

/** Pixels, with labels where there are any, as a data set. */
export function pixelDataset(
  name: string,
  pixels: Pixels,
  { field, shape, kept, classes, labels }: PixelFields,
): Dataset {
  const gather = async (indices: Uint32Array | readonly number[]): Promise<Batch> => {
    checkIndices(name, kept.length, indices);
    const wanted = Array.from(indices);
    return {
      [field]: await pixels.gather(wanted.map((index) => kept[index])),
      ...(labels && { label: Int32Array.from(wanted, (index) => labels[index]) }),
    };
  };
  const fields: Dataset["fields"] = {
    [field]: { dtype: "uint8", shape },
    ...(labels && { label: { dtype: "int32", shape: [] } }),
  };
  return { name, count: kept.length, fields, gather, ...(classes && { classes }) };
}

async function inMemory(options: PixelOptions): Promise<Pixels> {
  const { count, layout, mayBecomeGrey } = options;
  const size = sizeOfExample(layout);
  const bytes = new Uint8Array(count * size);
  const { failures, grey } = await decodeAll(options, (index, example) => {
    bytes.set(example, index * size);
  });
  const becomesGrey = mayBecomeGrey && grey && layout.channels === 3;
  if (becomesGrey) {
    const planes = count * layout.frames;
    for (let i = 0; i < planes; i++) bytes.copyWithin(i * layout.area, 3 * i * layout.area, (3 * i + 1) * layout.area);
  }
  const kept = becomesGrey ? bytes.slice(0, bytes.length / 3) : bytes;
  const keptSize = becomesGrey ? size / 3 : size;
  return {
    channels: becomesGrey ? 1 : layout.channels,
    failures,
    notes: [],
    gather: (indices) => {
      const out = new Uint8Array(indices.length * keptSize);
      for (const [i, index] of indices.entries()) {
        out.set(kept.subarray(index * keptSize, (index + 1) * keptSize), i * keptSize);
      }
      return out;
    },
  };
}
