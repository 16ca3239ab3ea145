/** Pictures in memory, and as PNG files. */

import { GalateaError } from "../../core/base/index.ts";
import { writeFileAtomically } from "../files.ts";

/** A picture as plain data: 8 bits a channel, rows from the top, channels interleaved. */
export interface Picture {
  /** Pixels, 1 or more. */
  readonly width: number;
  readonly height: number;
  /** 1 is grey, 3 is RGB. */
  readonly channels: 1 | 3;
  /** [height, width, channels], 0 to 255. */
  readonly data: Uint8Array;
}

/**
 * A picture as the bytes of a PNG file; the same picture always gives the same bytes.
 *
 * @throws GalateaError `shape` when the data does not fit the sizes.
 */
export async function encodePng(picture: Picture): Promise<Uint8Array> {
  const { width, height, channels, data } = picture;
  if (!(width > 0 && height > 0) || data.length !== width * height * channels) {
    const sizes = `[${height}, ${width}, ${channels}]`;
    throw new GalateaError("shape", "picture", `${data.length} bytes for ${sizes}`, "height * width * channels");
  }
  // Loaded when first needed: the image library costs every command that draws nothing 50 ms.
  const { default: sharp } = await import("sharp");
  return sharp(data, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .png({ compressionLevel: 9, adaptiveFiltering: false, palette: false })
    .toBuffer();
}

/**
 * Writes a picture as a PNG file, whole or not at all.
 *
 * @throws GalateaError `storage` when the file cannot be written.
 */
export async function writePicture(path: string, picture: Picture): Promise<void> {
  await writeFileAtomically(path, await encodePng(picture));
}
