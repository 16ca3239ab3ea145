/** `galatea sample`: new examples from a trained run, as one picture. */

import { join } from "node:path";
import { openRun, parseWishes, runPaths, sample, usualFormat } from "../../../src/run/index.ts";
import { openBackend } from "../backend.ts";
import type { Run } from "../context.ts";
import type { sampleCommand } from "../options.ts";
import { loadPreset } from "../preset-source.ts";
import { formatCount } from "../text.ts";

export const runSample: Run<typeof sampleCommand> = async ({ run: directory }, values, { stdout, stderr }) => {
  const run = await openRun(directory, loadPreset);
  const wishes = parseWishes(run.family, values.condition, run.record.data.classes);
  for (const note of run.notes) stderr.write(`warning: ${note}\n`);
  const backend = await openBackend(values);
  try {
    const { count, seed } = values;
    const path = values.out ?? join(runPaths(directory).samples, `seed-${seed}.${usualFormat(run.family)}`);
    await sample({ backend, run, count, seed, wishes, path });
    stdout.write(`${formatCount(count)} samples after ${formatCount(run.step)} steps in ${path}\n`);
    return 0;
  } finally {
    await backend.dispose();
  }
};
