/** `galatea interpolate`: images on the way from one to another. */

import { join } from "node:path";
import { GalateaError } from "../../../src/core/base/index.ts";
import { type Dataset, readNamedImages } from "../../../src/run/data/index.ts";
import { type OpenedRun, parseWishes, runPaths, tellingOf } from "../../../src/run/index.ts";
import { encodePng, grid, type ImageValues, writeAnimation, writePicture } from "../../../src/run/pictures/index.ts";
import { addAttribute, type ImageArray, imageShapeOf, interpolate, type WayEnd } from "../../../src/run/tasks/index.ts";
import type { Run } from "../context.ts";
import { withImageTask } from "../image-task.ts";
import type { interpolateCommand } from "../task-options.ts";

/** Examples of each kind whose mean codes give the direction of an attribute. */
const attributeExamples = 256;
/** From the opposite of the attribute to twice of it. */
const [least, most] = [-1, 2];

export const runInterpolate: Run<typeof interpolateCommand> = ({ run: directory }, values, context) =>
  withImageTask(directory, values, context, async ({ run, task, data, progress }) => {
    const { from = "1", to = "2", toward, count } = values;
    const path = values.out ?? join(runPaths(directory).samples, "way.png");
    const options = task("decoding");
    let images: ImageArray;
    if (toward === undefined) {
      const wishes = values.condition.length > 0 && (await parseWishes(run.family, values.condition, tellingOf(run)));
      const ends = { from: await endOf(run, "--from", from), to: await endOf(run, "--to", to) };
      images = await interpolate({ ...options, ...ends, count, ...(wishes && { wishes }) });
    } else {
      const end = await endOf(run, "--from", from);
      if ("seed" in end) throw new GalateaError("usage", "--from", "--toward changes an image", "name one with --from");
      const { train } = await data(values.data);
      const amounts = Array.from({ length: count }, (_, i) => least + ((most - least) * i) / (count - 1));
      images = await addAttribute({ ...options, image: end.image, amounts, ...(await kindsOf(train, toward)) });
    }
    const [, ...shape] = images.shape;
    if (/\.webp$/i.test(path)) {
      const size = images.data.length / count;
      const frames = Array.from({ length: count }, (_, i) =>
        encodePng(grid(images.data.slice(i * size, (i + 1) * size) as ImageValues, [1, ...shape], { padding: 0 })),
      );
      await writeAnimation(path, await Promise.all(frames));
    } else {
      const picture = grid(images.data as ImageValues, images.shape, { columns: Math.min(count, 16) });
      await writePicture(path, picture);
    }
    progress.clear();
    context.stdout.write(`${count} images in ${path}\n`);
    return 0;
  });

/** A whole number is a seed, anything else an image's path. */
async function endOf(run: OpenedRun, flag: string, text: string): Promise<WayEnd> {
  if (/^\d+$/.test(text)) return { seed: Number(text) };
  const images = await readNamedImages(text, imageShapeOf(run));
  if (images.names.length === 1) return { image: images };
  throw new GalateaError("usage", flag, `${text} holds ${images.names.length} images`, "name one image, or a seed");
}

/** Examples that have a label, and others. */
async function kindsOf(dataset: Dataset, label: string): Promise<{ having: ImageArray; lacking: ImageArray }> {
  const { classes, fields, count } = dataset;
  const wanted = classes?.indexOf(label) ?? -1;
  if (!classes || !fields.label || wanted < 0) {
    const right = classes
      ? `its labels are ${classes.join(", ")}`
      : "it has none; put images into a sub-folder per label";
    throw new GalateaError("usage", "--toward", `${dataset.name} has no label ${label}`, right);
  }
  const [having, lacking]: number[][] = [[], []];
  for (let start = 0; start < count && Math.min(having.length, lacking.length) < attributeExamples; start += 1024) {
    const indices = Array.from({ length: Math.min(1024, count - start) }, (_, i) => start + i);
    const batch = await dataset.gather(indices);
    for (const [i, index] of indices.entries()) (Number(batch.label[i]) === wanted ? having : lacking).push(index);
  }
  if (having.length === 0 || lacking.length === 0) {
    const seen = `all or none of ${dataset.name} is ${label}`;
    throw new GalateaError("data", "--toward", seen, "both kinds need an example");
  }
  const take = async (indices: readonly number[]): Promise<ImageArray> => {
    const kept = indices.slice(0, attributeExamples);
    const { image } = await dataset.gather(kept);
    return { shape: [kept.length, ...fields.image.shape], data: image as Uint8Array };
  };
  return { having: await take(having), lacking: await take(lacking) };
}
