/** `galatea train`: resolves preset, settings and data, trains, and shows how it goes. */

import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { GalateaError } from "../../../src/core/base/index.ts";
import type { Backend } from "../../../src/engine/index.ts";
import {
  holdsRun,
  type Preset,
  parseAssignments,
  parseConfig,
  readRunRecord,
  type SharedConfig,
  train,
} from "../../../src/run/index.ts";
import { openBackend } from "../backend.ts";
import type { CommandContext, Run } from "../context.ts";
import { absoluteSource, loadData } from "../data-source.ts";
import type { ExitCode } from "../failure.ts";
import { type Interrupt, listenForInterrupt } from "../interrupt.ts";
import type { OptionValues } from "../option-spec.ts";
import type { trainCommand } from "../options.ts";
import { loadPresetSource, type PresetSource } from "../preset-source.ts";
import { createProgress, type Progress } from "../progress.ts";
import { createTrainView } from "../train-view.ts";

type TrainValues = OptionValues<typeof trainCommand>;

/** A run that was asked for, with everything that decides its numbers. */
interface Plan {
  readonly preset: Preset;
  readonly presetFile?: string;
  readonly config: SharedConfig;
  readonly source: string;
  readonly directory: string;
  /** Name of the backend, and the threads of the processor that it may use. */
  readonly backendName: string;
  readonly threads: number;
}

export const runTrain: Run<typeof trainCommand> = async ({ preset: name }, values, context) => {
  const plan = await planRun(await loadPresetSource(name), values);
  const { stdout, stderr, environment } = context;
  // On one terminal, lines of JSON and a bar would run into each other.
  const oneTerminal = values.json && stdout.isTTY === true;
  const progress = createProgress(stderr, {
    now: () => performance.now(),
    environment,
    ...(oneTerminal && { bar: false }),
  });
  const interrupt = listenForInterrupt(() => progress.end());
  try {
    const backend = await openBackend({ backend: plan.backendName, threads: plan.threads });
    try {
      return await trainWatched({ ...plan, backend }, name, values, { context, progress, interrupt });
    } finally {
      await backend.dispose();
    }
  } finally {
    interrupt.end();
    progress.end();
  }
};

interface Surroundings {
  readonly context: CommandContext;
  readonly progress: Progress;
  readonly interrupt: Interrupt;
}

async function trainWatched(
  plan: Plan & { readonly backend: Backend },
  name: string,
  values: TrainValues,
  { context, progress, interrupt }: Surroundings,
): Promise<ExitCode> {
  const data = await loadData(plan.source, context, progress, plan.preset.images?.(plan.config));
  interrupt.letWorkFinish(progress.say);
  const view = createTrainView({ ...context, progress, preset: name, json: values.json });
  const { signal } = interrupt;
  let exitCode: ExitCode = 1;
  for await (const event of train({ ...plan, data, resume: values.resume, signal })) {
    view.show(event);
    if (event.type === "finished") exitCode = 0;
    if (event.type === "interrupted") exitCode = 130;
  }
  return exitCode;
}

/** A run that goes on keeps its settings; what is given anew must agree with them, which `train` checks. */
async function planRun(from: PresetSource, values: TrainValues): Promise<Plan> {
  const { preset, settings, data, file } = from;
  const folder = values.out ?? defaultDirectory(preset.name, values.resume);
  const before = values.resume && (await holdsRun(folder)) ? await readRunRecord(folder) : undefined;
  const shorthands = [
    ...(values.steps === undefined ? [] : [`steps=${values.steps}`]),
    ...(values.seed === undefined ? [] : [`seed=${values.seed}`]),
  ];
  const given = parseAssignments(preset.schema, [...values.set, ...shorthands]);
  const base = before?.preset === preset.name ? before.config : {};
  return {
    preset,
    ...(file !== undefined && { presetFile: file }),
    config: parseConfig(preset.schema, { ...base, ...settings, ...given }),
    source: absoluteSource(values.data ?? before?.data.source ?? data ?? preset.data),
    directory: folder,
    backendName: values.backend ?? before?.backend ?? "cpu",
    threads: values.threads ?? before?.threads ?? availableParallelism(),
  };
}

/** runs/digits-vae-1, -2 ...: the next that is free, or to resume the newest that is there. */
function defaultDirectory(presetName: string, resume: boolean): string {
  const path = (count: number): string => join("runs", `${presetName.replaceAll("/", "-")}-${count}`);
  let free = 1;
  while (existsSync(path(free))) free++;
  if (!resume) return path(free);
  if (free > 1) return path(free - 1);
  throw new GalateaError("usage", "--resume", `there is no run ${path(1)} to go on with`, "name one with --out");
}
