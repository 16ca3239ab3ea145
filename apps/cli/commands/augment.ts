/** `galatea augment`: whether generated images help a classifier that has few labelled ones. */

import { type Augmentation, augment, type Spread } from "../../../src/run/tasks/index.ts";
import type { Run } from "../context.ts";
import { warningLine } from "../data-source.ts";
import { withImageTask } from "../image-task.ts";
import type { augmentCommand } from "../options.ts";
import { formatCount, formatTable } from "../text.ts";

export const runAugment: Run<typeof augmentCommand> = ({ run: directory }, values, context) =>
  withImageTask(directory, values, context, async ({ run, backend, data, progress }) => {
    const { perClass, added, seeds, seed, steps } = values;
    const found = await augment({
      backend,
      run,
      data: await data(values.data),
      perClass,
      added,
      seeds,
      seed,
      steps,
      onProgress: (done, total, what) => progress.show({ task: what, done, total }),
    });
    progress.clear();
    const { warning, ...rest } = found;
    if (warning !== undefined) progress.say(warningLine(warning));
    context.stdout.write(values.json ? `${JSON.stringify(warning === undefined ? rest : found)}\n` : report(found));
    return 0;
  });

function report(found: Augmentation): string {
  const { real, generated, tested, seeds, margin, verdict } = found;
  const percent = (share: number): string => `${(100 * share).toFixed(2)}`;
  const row = (name: string, { mean, deviation }: Spread): string[] => [name, percent(mean), `± ${percent(deviation)}`];
  const table = [
    ["accuracy", "mean, %", "spread"],
    row(`${formatCount(real)} real images`, found.alone),
    row(`and ${formatCount(generated)} generated`, found.augmented),
    row("difference", found.difference),
  ];
  const about = `a mean difference of ${percent(margin)} points either way may be chance`;
  const conclusion = {
    better: `The classifier gets better with generated images: ${about}.`,
    worse: `The classifier gets worse with generated images: ${about}.`,
    "no difference": `No difference beyond the spread: ${about}.`,
  }[verdict];
  return (
    `Classifiers of ${formatCount(tested)} test images, ${seeds} seeds\n\n` +
    `${formatTable(table, { right: [1, 2] })}\n${conclusion}\n`
  );
}
