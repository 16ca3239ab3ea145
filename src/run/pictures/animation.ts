/** Pictures one after the other as an animated WebP file. */

import { GalateaError } from "../../core/base/index.ts";
import { writeFileAtomically } from "../files.ts";

/**
 * Writes PNG files of one size as the frames of an animation that begins again and again; the last one stays longer.
 * @param frames paths or bytes of PNG files, in order
 * @param delayMs how long a frame stays, whole milliseconds
 * @throws GalateaError `shape` when there is none, or they differ in size; `storage` when nothing can be written.
 */
export async function writeAnimation(
  path: string,
  frames: readonly (string | Uint8Array)[],
  delayMs = 150,
): Promise<void> {
  if (frames.length === 0) throw new GalateaError("shape", path, "an animation of no frames", "1 or more");
  const { default: sharp } = await import("sharp");
  try {
    const delay = frames.map((_, i) => (i === frames.length - 1 ? 10 * delayMs : delayMs));
    const bytes = await sharp(frames as (string | Uint8Array)[], { join: { animated: true } })
      .webp({ loop: 0, delay, quality: 85 })
      .toBuffer();
    await writeFileAtomically(path, bytes);
  } catch (cause) {
    if (cause instanceof GalateaError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GalateaError("shape", path, `the frames cannot be joined: ${reason}`, "PNG files of one size", { cause });
  }
}
