/** Pictures one after the other as an animated WebP or GIF file. */

import { GalateaError } from "../../core/base/index.ts";
import { writeFileAtomically } from "../files.ts";

export interface AnimationOptions {
  /** `webp` where absent. */
  readonly format?: "webp" | "gif";
  /** How long a frame stays, whole milliseconds; 150 where absent. */
  readonly delayMs?: number;
  /** How long the last one stays; ten times as long where absent. */
  readonly lastMs?: number;
}

/**
 * PNG files of one size as the frames of an animation that begins again and again.
 * @param frames paths or bytes of PNG files, in order
 * @throws GalateaError `shape` when there is none, or they differ in size.
 */
export async function encodeAnimation(
  frames: readonly (string | Uint8Array)[],
  { format = "webp", delayMs = 150, lastMs = 10 * delayMs }: AnimationOptions = {},
): Promise<Uint8Array> {
  if (frames.length === 0) throw new GalateaError("shape", "animation", "an animation of no frames", "1 or more");
  const { default: sharp } = await import("sharp");
  const delay = frames.map((_, i) => (i === frames.length - 1 ? lastMs : delayMs));
  try {
    // Of grey frames the library would keep the places in a palette of greys, and lose those that look alike there.
    const given =
      format === "webp"
        ? frames
        : await Promise.all(frames.map((frame) => sharp(frame).toColourspace("srgb").png().toBuffer()));
    // A single picture is none that could be joined.
    const joined =
      given.length === 1 ? sharp(given[0]) : sharp(given as (string | Uint8Array)[], { join: { animated: true } });
    const animated = format === "gif" ? joined.gif({ loop: 0, delay }) : joined.webp({ loop: 0, delay, quality: 85 });
    return await animated.toBuffer();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const right = "PNG files of one size";
    throw new GalateaError("shape", "animation", `the frames cannot be joined: ${reason}`, right, { cause });
  }
}

/**
 * Writes PNG files of one size as an animated WebP file; the last one stays longer.
 * @throws GalateaError `shape` when there is none, or they differ in size; `storage` when nothing can be written.
 */
export async function writeAnimation(
  path: string,
  frames: readonly (string | Uint8Array)[],
  delayMs = 150,
): Promise<void> {
  await writeFileAtomically(path, await encodeAnimation(frames, { delayMs }));
}
