/** `galatea evaluate`: how good a trained run is on data that it has not seen. */

import { availableParallelism } from "node:os";
import { createCpuBackend } from "../../../src/platform/node/index.ts";
import { type Evaluation, evaluate, imagesOf, openRun } from "../../../src/run/index.ts";
import type { Run } from "../context.ts";
import { loadData, warningLine } from "../data-source.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { metricRows } from "../metric-text.ts";
import type { evaluateCommand } from "../options.ts";
import { loadPreset } from "../preset-source.ts";
import { createProgress } from "../progress.ts";
import { formatCount, formatNumber, formatTable } from "../text.ts";

export const runEvaluate: Run<typeof evaluateCommand> = async ({ run: directory }, values, context) => {
  const { stdout, stderr, environment } = context;
  const run = await openRun(directory, loadPreset);
  const progress = createProgress(stderr, { now: () => performance.now(), environment });
  // Nothing is lost with an evaluation: Ctrl-C ends it at once.
  const interrupt = listenForInterrupt(() => progress.end());
  try {
    const data = await loadData(values.data ?? run.record.data.source, context, progress, imagesOf(run));
    for (const note of [...run.notes, ...data.notes]) progress.say(warningLine(note));
    const backend = createCpuBackend({ threads: availableParallelism() });
    try {
      const evaluation = await evaluate({
        backend,
        run,
        data,
        ...(values.metrics && { metrics: values.metrics }),
        onProgress: (done, total, what) => progress.show({ task: `evaluating ${what}`, done, total }),
      });
      progress.clear();
      if (values.json) stdout.write(`${JSON.stringify(evaluation)}\n`);
      else
        stdout.write(
          report(evaluation, `${directory} after ${formatCount(run.step)} steps, test split of ${data.name}`),
        );
      return 0;
    } finally {
      await backend.dispose();
    }
  } finally {
    interrupt.end();
    progress.end();
  }
};

function report({ metrics, details }: Evaluation, about: string): string {
  const rows = metricRows(metrics).map(([title, value, unit], at) => {
    const { standardError, examples } = details[Object.keys(metrics)[at]];
    return [title, value, `± ${formatNumber(standardError)}`, unit, `${formatCount(examples)} examples`];
  });
  return `${about}\n\n${formatTable(rows, { right: [1, 4] })}`;
}
