/** `galatea inpaint`: images with a missing part filled in, clips gone on with. */

import { join } from "node:path";
import { GalateaError } from "../../../src/core/base/index.ts";
import { readNamedImages } from "../../../src/run/data/index.ts";
import { rows, writePicture } from "../../../src/run/pictures/index.ts";
import { inpaint } from "../../../src/run/tasks/index.ts";
import type { Run } from "../context.ts";
import { labelsFor, resultFolder, withImageTask, writeImages } from "../image-task.ts";
import type { inpaintCommand } from "../task-options.ts";
import { inpaintClips } from "./inpaint-clips.ts";

const shown = 16;
const middle = ["0.25", "0.25", "0.5", "0.5"];

export const runInpaint: Run<typeof inpaintCommand> = ({ run: directory }, values, context) =>
  withImageTask(directory, values, context, async (opened) => {
    const { run, task, images, progress } = opened;
    if (run.family.inputs.video) return inpaintClips(directory, values, context, opened);
    const given = await images(values.data, values.limit);
    const [count, channels, height, width] = given.shape;
    const mask =
      values.mask === undefined
        ? boxMask(values.box ?? middle, height, width)
        : await maskOf(values.mask, height, width);
    const labels = await labelsFor(run, given, values.condition);
    const options = { ...task("filling in"), images: given, mask, seed: values.seed, ...(labels && { labels }) };
    const result = await inpaint(options);
    const folder = resultFolder(directory, "inpaint", values.out);
    await writeImages(folder, given.names, result);
    const drawn = Math.min(shown, count);
    const size = channels * height * width;
    const whole = Float32Array.from(given.data.subarray(0, drawn * size), (value) => value / 255);
    // Grey where nothing is known.
    const known = whole.map((value, i) => (mask[i % (height * width)] > 0 ? value : 0.5));
    const lines = [whole, known, result.data.subarray(0, drawn * size) as Float32Array];
    await writePicture(join(folder, "overview.png"), rows(lines, [drawn, channels, height, width], { columns: drawn }));
    progress.clear();
    context.stdout.write(
      values.json ? `${JSON.stringify({ images: count, folder })}\n` : `${count} images in ${folder}\n`,
    );
    return 0;
  });

/** [H, W]: 0 within the box, else 1. */
function boxMask(box: readonly string[], height: number, width: number): Float32Array {
  const [left, top, across, down] = box.map((text) => (text === "" ? Number.NaN : Number(text)));
  const isInside = [left, top, across, down].every((share) => share >= 0 && share <= 1);
  if (box.length !== 4 || !isInside || left + across > 1 || top + down > 1) {
    const right = "left,top,width,height in shares of the image from 0 to 1, within it";
    throw new GalateaError("usage", "--box", `got ${box.join(",")}`, right);
  }
  const mask = Float32Array.from({ length: height * width }, (_, i) => {
    const [x, y] = [((i % width) + 0.5) / width, (Math.floor(i / width) + 0.5) / height];
    return x >= left && x < left + across && y >= top && y < top + down ? 0 : 1;
  });
  return requireHole("--box", mask);
}

async function maskOf(path: string, height: number, width: number): Promise<Float32Array> {
  const { data } = await readNamedImages(path, [1, height, width]);
  return requireHole(
    "--mask",
    Float32Array.from(data.subarray(0, height * width), (value) => (value < 128 ? 0 : 1)),
  );
}

function requireHole(where: string, mask: Float32Array): Float32Array {
  if (mask.includes(0)) return mask;
  throw new GalateaError("usage", where, "nothing is missing", "leave out a part of a pixel at least");
}
