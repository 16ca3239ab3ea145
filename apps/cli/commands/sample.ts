/** `galatea sample`: new examples from a trained run, as a picture, files or text; or its answers to what it is told. */

import { join } from "node:path";
import { GalateaError } from "../../../src/core/index.ts";
import type { Backend } from "../../../src/engine/index.ts";
import {
  kindOfSamples,
  missingWish,
  type OpenedRun,
  openRun,
  openSampler,
  parseWishes,
  runPaths,
  type Sampler,
  streamText,
  tellingOf,
  textPage,
  usualFormat,
  type Wishes,
  writeFileAtomically,
} from "../../../src/run/index.ts";
import { openBackend } from "../backend.ts";
import type { CommandContext, Run } from "../context.ts";
import { converse } from "../converse.ts";
import type { OptionValues } from "../option-spec.ts";
import type { sampleCommand } from "../options.ts";
import { loadPreset } from "../preset-source.ts";
import { formatCount } from "../text.ts";

/** Samples that are drawn where nobody says how many. */
const usualCount = 64;

export const runSample: Run<typeof sampleCommand> = async ({ run: directory }, values, context) => {
  const { stdin, stdout, stderr } = context;
  const run = await openRun(directory, loadPreset);
  const telling = tellingOf(run);
  const wishes = await parseWishes(run.family, values.condition, telling);
  for (const note of [...run.notes, ...(wishes.notes ?? [])]) stderr.write(`warning: ${note}\n`);
  const missing = missingWish(run.family, wishes, telling);
  const isConversation = missing !== undefined && stdin.isTTY === true && stdout.isTTY === true;
  if (missing !== undefined && !isConversation) {
    const right = `say --condition "${missing}=${telling.tellers?.[missing]?.what ?? "..."}"`;
    throw new GalateaError("usage", directory, `a ${run.family.name} must be told what to answer`, right);
  }
  const backend = await openBackend(values);
  if (values.length !== undefined) {
    try {
      return await write(run, backend, values, wishes, context);
    } finally {
      await backend.dispose();
    }
  }
  const sampler = await openSampler(backend, run);
  try {
    if (!isConversation) {
      await answer({ run, sampler, values, context }, wishes);
      return 0;
    }
    const what = telling.tellers?.[missing]?.what ?? missing;
    await converse(context, what, async (text) => {
      const told = await parseWishes(run.family, [...values.condition, `${missing}=${text}`], telling);
      for (const note of told.notes ?? []) stderr.write(`warning: ${note}\n`);
      await answer({ run, sampler, values, context }, told);
    });
    return 0;
  } finally {
    await sampler.dispose();
    await backend.dispose();
  }
};

/** Writes one text of any length, piece by piece. */
async function write(
  run: OpenedRun,
  backend: Backend,
  { length = 1, seed, count, out }: Values,
  wishes: Wishes,
  { stdout }: CommandContext,
): Promise<0> {
  if (count !== undefined && count > 1) {
    throw new GalateaError("usage", "--length", `${count} texts are asked for`, "--length writes one: leave -n out");
  }
  const pieces: string[] = [];
  for await (const piece of streamText({ backend, run, seed, length, wishes })) {
    if (out === undefined) stdout.write(piece);
    else pieces.push(piece);
  }
  if (out === undefined) stdout.write("\n");
  else await writeFileAtomically(out, `${pieces.join("")}\n`);
  return 0;
}

type Values = OptionValues<typeof sampleCommand>;

interface Answering {
  readonly run: OpenedRun;
  readonly sampler: Sampler;
  readonly values: Values;
  readonly context: CommandContext;
}

/** Writes samples and says where, or prints them. */
async function answer({ run, sampler, values, context }: Answering, wishes: Wishes): Promise<void> {
  const { seed, out } = values;
  const { stdout } = context;
  const kind = kindOfSamples(run);
  const usual = join(runPaths(run.directory).samples, `seed-${seed}`);
  if (kind === "files") {
    const request = { seed, wishes, ...(values.count !== undefined && { count: values.count }) };
    const paths = await sampler.files(request, out ?? usual);
    stdout.write(`after ${formatCount(run.step)} steps:\n${paths.map((path) => `  ${path}\n`).join("")}`);
    return;
  }
  if (kind === "texts") {
    // One question has one answer.
    const isTold = Object.values(run.family.conditions ?? {}).some(({ optional }) => optional === undefined);
    const texts = textPage(await sampler.texts({ count: values.count ?? (isTold ? 1 : usualCount), seed, wishes }));
    if (out === undefined) stdout.write(texts);
    else await writeFileAtomically(out, texts);
    return;
  }
  const count = values.count ?? usualCount;
  const path = out ?? `${usual}.${usualFormat(run.family)}`;
  await sampler.picture({ count, seed, wishes }, path);
  stdout.write(`${formatCount(count)} samples after ${formatCount(run.step)} steps in ${path}\n`);
}
