/** `galatea inpaint` of a run over clips: their first frames are kept, the others made anew. */

import { join } from "node:path";
import { GalateaError } from "../../../src/core/base/index.ts";
import { askedClass, parseWishes, tellingOf, writeFileAtomically } from "../../../src/run/index.ts";
import { animateClips, rows, writePicture } from "../../../src/run/pictures/index.ts";
import { continueClips, type ImageArray } from "../../../src/run/tasks/index.ts";
import type { CommandContext } from "../context.ts";
import type { ExitCode } from "../failure.ts";
import { type ImageTask, resultFolder } from "../image-task.ts";
import type { OptionValues } from "../option-spec.ts";
import type { inpaintCommand } from "../task-options.ts";

/** Clips when nobody says how many, and of these in the overview. */
const [usual, shown] = [16, 8];

export async function inpaintClips(
  directory: string,
  values: OptionValues<typeof inpaintCommand>,
  context: CommandContext,
  { run, task, data, progress }: ImageTask,
): Promise<ExitCode> {
  const { test } = await data(values.data);
  if (!test.fields.video) {
    throw new GalateaError(
      "data",
      test.name,
      "holds no clips",
      "name a folder of animations, or of folders of pictures",
    );
  }
  const count = Math.min(values.limit ?? usual, test.count);
  const batch = await test.gather(Array.from({ length: count }, (_, i) => i));
  const clips: ImageArray = { shape: [count, ...test.fields.video.shape], data: batch.video as Uint8Array };
  const told = askedClass(await parseWishes(run.family, values.condition, tellingOf(run)), "label");
  const own = batch.label as Int32Array | undefined;
  const labels = told === undefined ? own : new Int32Array(count).fill(told);
  const options = { ...task("going on"), clips, known: values.frames, seed: values.seed, ...(labels && { labels }) };
  const made = await continueClips(options);
  const folder = resultFolder(directory, "inpaint", values.out);
  const size = made.data.length / count;
  const clipOf = (from: Float32Array, first: number, many: number) => ({
    dtype: "float32" as const,
    shape: [many, ...made.shape.slice(1)],
    data: from.slice(first * size, (first + many) * size),
  });
  const results = made.data as Float32Array;
  for (let i = 0; i < count; i++) {
    const bytes = await animateClips(clipOf(results, i, 1), "webp");
    await writeFileAtomically(join(folder, `${String(i).padStart(6, "0")}.webp`), bytes);
  }
  // Each clip as it was given, and below as it was made.
  const drawn = Math.min(shown, count);
  const [, frames, ...image] = made.shape;
  const given = Float32Array.from(clips.data.subarray(0, drawn * size), (value) => value / 255);
  const lines = rows([given, results.slice(0, drawn * size)], [drawn * frames, ...image], { columns: frames });
  await writePicture(join(folder, "overview.png"), lines);
  const both = new Float32Array(2 * drawn * size);
  both.set(given);
  both.set(results.subarray(0, drawn * size), drawn * size);
  await writeFileAtomically(
    join(folder, "overview.webp"),
    await animateClips(clipOf(both, 0, 2 * drawn), "webp", drawn),
  );
  progress.clear();
  const line = values.json ? JSON.stringify({ clips: count, folder }) : `${count} clips in ${folder}`;
  context.stdout.write(`${line}\n`);
  return 0;
}
