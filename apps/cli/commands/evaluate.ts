/** `galatea evaluate`: how good a trained run is on data that it has not seen. */

import { availableParallelism } from "node:os";
import { createCpuBackend } from "../../../src/platform/node/index.ts";
import { evaluate, openRun } from "../../../src/run/index.ts";
import type { Run } from "../context.ts";
import { loadData } from "../data-source.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { metricRows } from "../metric-text.ts";
import type { evaluateCommand } from "../options.ts";
import { loadPreset } from "../preset-source.ts";
import { createProgress } from "../progress.ts";
import { formatTable } from "../text.ts";

export const runEvaluate: Run<typeof evaluateCommand> = async ({ run: directory }, values, context) => {
  const { stdout, stderr, environment } = context;
  const run = await openRun(directory, loadPreset);
  const progress = createProgress(stderr, { now: () => performance.now(), environment });
  // Nothing is lost with an evaluation: Ctrl-C ends it at once.
  const interrupt = listenForInterrupt(() => progress.end());
  try {
    for (const note of run.notes) progress.say(`warning: ${note}`);
    const data = await loadData(values.data ?? run.source, context, progress);
    const backend = createCpuBackend({ threads: availableParallelism() });
    try {
      const { metrics, details } = await evaluate({
        backend,
        run,
        data,
        ...(values.metrics && { metrics: values.metrics }),
        onProgress: (done, total) => progress.show({ task: "evaluating", done, total }),
      });
      progress.clear();
      if (values.json) stdout.write(`${JSON.stringify({ metrics })}\n`);
      else stdout.write(report(metrics, { run: directory, step: run.step, ...details }));
      return 0;
    } finally {
      await backend.dispose();
    }
  } finally {
    interrupt.end();
    progress.end();
  }
};

function report(
  metrics: Readonly<Record<string, number>>,
  details: Readonly<Record<string, string | number>>,
): string {
  const facts = Object.entries(details).map(([name, value]) => [name, String(value)]);
  return `${formatTable(facts)}\n${formatTable(metricRows(metrics), { right: [1] })}`;
}
