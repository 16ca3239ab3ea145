/** `galatea inspect`: where a trained run looks, and what its gates do. */

import { join } from "node:path";
import {
  insidePictures,
  openRun,
  parseWishes,
  readingOf,
  tellingOf,
  writeFileAtomically,
} from "../../../src/run/index.ts";
import { insideToJson, inspect } from "../../../src/run/tasks/index.ts";
import { openBackend } from "../backend.ts";
import type { Run } from "../context.ts";
import { loadData, warningLine } from "../data-source.ts";
import { resultFolder } from "../image-task.ts";
import { loadPreset } from "../preset-source.ts";
import { createProgress } from "../progress.ts";
import type { inspectCommand } from "../task-options.ts";

export const runInspect: Run<typeof inspectCommand> = async ({ run: directory }, values, context) => {
  const { stdout, stderr, environment } = context;
  const run = await openRun(directory, loadPreset);
  const wishes = await parseWishes(run.family, values.condition, tellingOf(run));
  const isTold = Object.keys(wishes.conditions).length > 0;
  const progress = createProgress(stderr, { now: () => performance.now(), environment });
  try {
    const source = values.data ?? run.record.data.source;
    const data = isTold ? undefined : await loadData(source, context, progress, readingOf(run));
    for (const note of [...run.notes, ...(data?.notes ?? [])]) progress.say(warningLine(note));
    const backend = await openBackend(values);
    try {
      const { seed, count, target } = values;
      const found = await inspect({
        backend,
        run,
        seed,
        wishes,
        count,
        ...(data && { examples: data.test }),
        ...(target !== undefined && { target }),
      });
      const folder = resultFolder(directory, "inspect", values.out);
      const results: Readonly<Record<string, unknown>>[] = [];
      for (const [i, example] of found.entries()) {
        const files: string[] = [];
        const write = async (name: string, content: Uint8Array | string): Promise<void> => {
          files.push(join(folder, `${i + 1}-${name}`));
          await writeFileAtomically(files[files.length - 1], content);
        };
        for (const { name, bytes } of await insidePictures(example)) await write(`${name}.png`, bytes);
        await write("inside.json", `${JSON.stringify(insideToJson(example))}\n`);
        const { source: told, answer } = example;
        results.push({ ...(told !== undefined && { source: told }), ...(answer !== undefined && { answer }), files });
        const said = [told, answer].filter((text) => text !== undefined).join("\n=> ");
        if (!values.json)
          stdout.write(`${said}${said === "" ? "" : "\n"}${files.map((file) => `  ${file}\n`).join("")}`);
      }
      progress.clear();
      if (values.json) stdout.write(`${JSON.stringify({ examples: results })}\n`);
      return 0;
    } finally {
      await backend.dispose();
    }
  } finally {
    progress.end();
  }
};
