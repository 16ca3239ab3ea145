/** `galatea style`: images as another domain would show them. */

import { join } from "node:path";
import { rows, writePicture } from "../../../src/run/pictures/index.ts";
import { translate } from "../../../src/run/tasks/index.ts";
import type { Run } from "../context.ts";
import { resultFolder, withImageTask, writeImages } from "../image-task.ts";
import type { styleCommand } from "../options.ts";

const shown = 16;

export const runStyle: Run<typeof styleCommand> = ({ run: directory }, values, context) =>
  withImageTask(directory, values, context, async ({ task, images, progress }) => {
    const given = await images(values.data, values.limit);
    const { direction } = values;
    const result = await translate({ ...task("translating"), images: given, ...(direction && { direction }) });
    const folder = resultFolder(directory, "style", values.out);
    await writeImages(folder, given.names, result);
    const [count, ...shape] = given.shape;
    const drawn = Math.min(shown, count);
    const cut = [given, result].map(({ data }) => data.subarray(0, (drawn * data.length) / count) as Uint8Array);
    await writePicture(join(folder, "overview.png"), rows(cut, [drawn, ...shape], { columns: drawn }));
    progress.clear();
    context.stdout.write(
      values.json ? `${JSON.stringify({ images: count, folder })}\n` : `${count} images in ${folder}\n`,
    );
    return 0;
  });
