/** What the commands that work on images share: a run, its backend, images from wherever they come, and a folder for
 * results. */

import { extname, join } from "node:path";
import { GalateaError } from "../../src/core/base/index.ts";
import type { Backend } from "../../src/engine/index.ts";
import { type DataSplits, holdsImages, type NamedImages, readNamedImages } from "../../src/run/data/index.ts";
import { askedClass, type OpenedRun, openRun, parseWishes, readingOf, tellingOf } from "../../src/run/index.ts";
import { grid, type ImageValues, writePicture } from "../../src/run/pictures/index.ts";
import { type ImageArray, imageShapeOf, type TaskOptions } from "../../src/run/tasks/index.ts";
import { type BackendChoice, openBackend } from "./backend.ts";
import type { CommandContext } from "./context.ts";
import { loadData, warningLine } from "./data-source.ts";
import type { ExitCode } from "./failure.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { loadPreset } from "./preset-source.ts";
import { createProgress, type Progress } from "./progress.ts";

/** Images of a data set that are worked on when nobody says how many. */
const ofDataSet = 64;

export interface ImageTask {
  readonly run: OpenedRun;
  readonly backend: Backend;
  readonly progress: Progress;
  readonly context: CommandContext;
  /** Options that every task takes. */
  task(what: string): TaskOptions;
  /** Images that were named on the command line, or the test split of a data set. */
  images(source: string | undefined, limit?: number): Promise<NamedImages>;
  /** A data set, read as the run reads images. */
  data(source: string | undefined): Promise<DataSplits>;
}

/** Opens a run, does something with it, and frees everything; Ctrl-C ends it at once, as nothing can be lost. */
export async function withImageTask(
  directory: string,
  choice: BackendChoice,
  context: CommandContext,
  work: (task: ImageTask) => Promise<ExitCode>,
): Promise<ExitCode> {
  const run = await openRun(directory, loadPreset);
  const { environment, stderr } = context;
  const progress = createProgress(stderr, { now: () => performance.now(), environment });
  const interrupt = listenForInterrupt(() => progress.end());
  const backend = await openBackend(choice);
  const data = (source: string | undefined): Promise<DataSplits> =>
    loadData(source ?? run.record.data.source, context, progress, readingOf(run));
  try {
    for (const note of run.notes) progress.say(warningLine(note));
    return await work({
      run,
      backend,
      progress,
      context,
      task: (what) => ({
        backend,
        run,
        onProgress: (done, total) => progress.show({ task: what, done, total }),
      }),
      data,
      images: async (source, limit) => {
        const images = await readImages(run, source, limit, { data, progress });
        for (const note of images.notes) progress.say(warningLine(note));
        progress.clear();
        return images;
      },
    });
  } finally {
    interrupt.end();
    progress.end();
    await backend.dispose();
  }
}

async function readImages(
  run: OpenedRun,
  source: string | undefined,
  limit: number | undefined,
  { data, progress }: Pick<ImageTask, "data" | "progress">,
): Promise<NamedImages> {
  const shape = imageShapeOf(run);
  if (source !== undefined && (await holdsImages(source))) {
    const show = (done: number, total: number): void => progress.show({ task: "reading images", done, total });
    return first(await readNamedImages(source, shape, show), limit ?? Number.POSITIVE_INFINITY);
  }
  const { test } = await data(source);
  const { image, label } = test.fields;
  if (image === undefined)
    throw new GalateaError("data", test.name, "holds no images", "name images or a folder of them");
  const count = Math.min(limit ?? ofDataSet, test.count);
  const batch = await test.gather(Array.from({ length: count }, (_, i) => i));
  const classes = label && test.classes;
  return {
    names: Array.from({ length: count }, (_, i) => `${String(i).padStart(6, "0")}.png`),
    labels: Array.from({ length: count }, (_, i) => classes?.[Number(batch.label[i])]),
    shape: [count, image.shape[0], image.shape[1], image.shape[2]],
    data: batch.image as Uint8Array,
    notes: [],
  };
}

function first(images: NamedImages, limit: number): NamedImages {
  const [count, ...rest] = images.shape;
  if (count <= limit) return images;
  const size = images.data.length / count;
  return {
    ...images,
    names: images.names.slice(0, limit),
    labels: images.labels.slice(0, limit),
    shape: [limit, rest[0], rest[1], rest[2]],
    data: images.data.subarray(0, limit * size),
  };
}

/**
 * The label of each image as a number, for families that read labels: what `--condition label=` says, else the names of
 * the sub-folders that the images lie in.
 * @throws GalateaError `data` when a label is none of the run's classes.
 */
export async function labelsFor(
  run: OpenedRun,
  images: NamedImages,
  conditions: readonly string[],
): Promise<Int32Array | undefined> {
  const { classes } = run.record.data;
  const wishes = await parseWishes(run.family, conditions, tellingOf(run));
  if (!run.family.inputs.label) return undefined;
  const told = askedClass(wishes, "label");
  return Int32Array.from(images.labels, (label, i) => {
    const index = told ?? (label === undefined ? -1 : (classes?.indexOf(label) ?? -1));
    if (index >= 0) return index;
    const seen = label === undefined ? "it lies in no sub-folder" : `${label} is none of the run's classes`;
    throw new GalateaError("data", images.names[i], seen, "say what the images show: --condition label=...");
  });
}

/** Writes each image as a PNG file of its own, under its name. */
export async function writeImages(folder: string, names: readonly string[], images: ImageArray): Promise<void> {
  const [, ...shape] = images.shape;
  const size = shape.reduce((product, side) => product * side, 1);
  for (const [i, name] of names.entries()) {
    const values = images.data.slice(i * size, (i + 1) * size) as ImageValues;
    const file = `${name.slice(0, name.length - extname(name).length)}.png`;
    await writePicture(join(folder, file), grid(values, [1, ...shape], { padding: 0, scale: 1 }));
  }
}

/** Where a command's results go. */
export function resultFolder(directory: string, command: string, out: string | undefined): string {
  return out ?? join(directory, command);
}
