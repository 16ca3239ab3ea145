/** `galatea denoise`: images without their noise. */

import { join } from "node:path";
import { rows, writePicture } from "../../../src/run/pictures/index.ts";
import { denoise, type Fidelity, type ImageArray, judgeDenoising } from "../../../src/run/tasks/index.ts";
import type { Run } from "../context.ts";
import { labelsFor, resultFolder, withImageTask, writeImages } from "../image-task.ts";
import type { denoiseCommand } from "../task-options.ts";
import { formatTable } from "../text.ts";

const shown = 16;

export const runDenoise: Run<typeof denoiseCommand> = ({ run: directory }, values, context) =>
  withImageTask(directory, values, context, async ({ run, task, images, progress }) => {
    const { noise, seed, json, judge } = values;
    const given = await images(values.data, values.limit);
    const labels = await labelsFor(run, given, values.condition);
    const folder = resultFolder(directory, "denoise", values.out);
    const options = { ...task("denoising"), noise, seed, ...(labels && { labels }) };
    if (!judge) {
      const result = await denoise({ ...options, images: given });
      await writeImages(folder, given.names, result);
      await writeOverview(join(folder, "overview.png"), [given, result]);
      progress.clear();
      context.stdout.write(
        json
          ? `${JSON.stringify({ images: given.names.length, folder })}\n`
          : `${given.names.length} images in ${folder}\n`,
      );
      return 0;
    }
    const { judgement, noisy, denoised } = await judgeDenoising({ ...options, clean: given });
    await writeImages(folder, given.names, denoised);
    await writeOverview(join(folder, "overview.png"), [given, noisy, denoised]);
    progress.clear();
    if (json) context.stdout.write(`${JSON.stringify({ ...judgement, folder })}\n`);
    else {
      const row = (name: string, { psnr, ssim }: Fidelity): string[] => [
        name,
        `${psnr.toFixed(2)} dB`,
        ssim.toFixed(3),
      ];
      const table = [
        ["", "PSNR", "SSIM"],
        row("noisy", judgement.noisy),
        row("median 3 x 3", judgement.median),
        row(run.preset.name, judgement.model),
      ];
      context.stdout.write(
        `${judgement.images} images, noise of standard deviation ${noise} added\n\n${formatTable(table, { right: [1, 2] })}\nPictures: ${folder}\n`,
      );
    }
    return 0;
  });

/** The first images, each below the one that it came from. */
async function writeOverview(path: string, lines: readonly ImageArray[]): Promise<void> {
  const [count, ...shape] = lines[0].shape;
  const drawn = Math.min(shown, count);
  const size = shape.reduce((product, side) => product * side, 1);
  const cut = lines.map(({ data }) => data.subarray(0, drawn * size) as Uint8Array);
  await writePicture(path, rows(cut, [drawn, ...shape], { columns: drawn }));
}
