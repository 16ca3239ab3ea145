/** Profiling: where a training step's time and memory go, by stage, layer and op. */

import { GalateaError } from "../core/index.ts";
import type { Backend, RecordedProgram } from "../engine/index.ts";
import type { Family, TrainableFamily } from "../learn/models/index.ts";
import { createBatchOrder, type DataSplits, prefetch } from "./data/index.ts";
import { type HostBatch, toHostBatch } from "./model.ts";
import { readPeakMemory, resetPeakMemory } from "./peak-memory.ts";
import type { Preset, SharedConfig } from "./presets/index.ts";
import {
  type MemoryProfile,
  median,
  memoryProfile,
  type TimelineEntry,
  type TimeProfile,
  timelineOf,
  timeProfile,
} from "./step-profile.ts";
import { createTrainingStep, streamKey, trainingStepLabel } from "./training-step.ts";

export interface ProfileOptions {
  readonly backend: Backend;
  readonly preset: Preset;
  /** Complete, as `parseConfig(preset.schema, ...)` gives it. */
  readonly config: SharedConfig;
  readonly data: DataSplits;
  /** Steps to measure, 1 or more, once as they are and once recorded. */
  readonly steps: number;
  /** A clock that never goes back, in milliseconds. */
  readonly now?: () => number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** A training step seen from inside. Times are medians over the measured steps. */
export interface StepProfile {
  readonly preset: string;
  readonly family: string;
  /** Runtime, version, threads. */
  readonly backend: string;
  readonly threads: number;
  readonly batchSize: number;
  readonly parameterCount: number;
  readonly steps: number;
  /** Tracing, compiling and initializing, in milliseconds; then the first step. */
  readonly compileMs: number;
  readonly firstStepMs: number;
  /** A step as training runs it, each awaited, in milliseconds; and while it is recorded. */
  readonly stepMs: number;
  readonly recordedStepMs: number;
  readonly time: TimeProfile;
  readonly timeline: readonly TimelineEntry[];
  readonly memory: MemoryProfile & {
    /** Parameters and optimizer state, second copies included. */
    readonly stateBytes: number;
    /** What the runtime holds for values, used or not. */
    readonly heldBytes: number;
    /** The process at its highest while it steps without a record, data set included. */
    readonly processBytes: number;
  };
  /** The step as an ONNX file, its nodes named by layer and stage. */
  readonly file: Uint8Array;
}

/** Steps before those that count: caches fill, allocators grow. */
const warmUpSteps = 3;

/** What measuring some steps gave. */
interface Measured {
  readonly compileMs: number;
  readonly firstStepMs: number;
  readonly stepMs: number;
  readonly parameterCount: number;
  readonly stateBytes: number;
}

/**
 * Measures a preset's training step: how long it takes as it is, then kernel by kernel with a record being kept.
 * @throws GalateaError `usage` when the backend keeps no records.
 */
export async function profile(options: ProfileOptions): Promise<StepProfile> {
  const { backend, preset, config, data, steps, now = () => performance.now(), onProgress } = options;
  const family = preset.build(config, data.train);
  const { backend: recorder, recorded } = recordingBackend(backend);
  const total = 2 * (warmUpSteps + steps);
  let done = 0;
  const onStep = (): void => onProgress?.(++done, total);

  await resetPeakMemory();
  const { measured: plain } = await measureSteps({ ...options, backend, now }, family, onStep, async () => undefined);
  const processBytes = await readPeakMemory();
  const { measured: slowed, last: recording } = await measureSteps(
    { ...options, backend: recorder, now },
    family,
    onStep,
    () => recorded[0].finish(),
  );
  return {
    preset: preset.name,
    family: family.name,
    backend: backend.description,
    threads: backend.threads,
    batchSize: config.batchSize,
    parameterCount: plain.parameterCount,
    steps,
    compileMs: plain.compileMs,
    firstStepMs: plain.firstStepMs,
    stepMs: plain.stepMs,
    recordedStepMs: slowed.stepMs,
    time: timeProfile(recording, warmUpSteps),
    timeline: timelineOf(recording, warmUpSteps),
    memory: {
      ...memoryProfile(recording),
      stateBytes: plain.stateBytes,
      heldBytes: recording.heldBytes,
      processBytes,
    },
    file: recorded[0].file,
  };
}

/**
 * Where the time of a family's training step goes, over so many steps after some that do not count.
 * @param batches through which the steps cycle
 * @throws GalateaError `usage` when the backend keeps no records.
 */
export async function profileSteps(
  backend: Backend,
  family: TrainableFamily,
  config: SharedConfig,
  batches: readonly HostBatch[],
  steps: number,
): Promise<TimeProfile> {
  const { backend: recorder, recorded } = recordingBackend(backend);
  const step = await createTrainingStep(recorder, family, config);
  try {
    for (let i = 0; i < warmUpSteps + steps; i++) await step.run(batches[i % batches.length], i);
    return timeProfile(await recorded[0].finish(), warmUpSteps);
  } finally {
    await step.dispose();
  }
}

/** A backend that records the training step, and only that. */
function recordingBackend(backend: Backend): { readonly backend: Backend; readonly recorded: RecordedProgram[] } {
  const { compileRecorded } = backend;
  if (!compileRecorded) {
    throw new GalateaError("usage", "profile", `the backend ${backend.name} keeps no records`, "profile on cpu");
  }
  const recorded: RecordedProgram[] = [];
  const compile: Backend["compile"] = async (graph, label, options) => {
    if (label !== trainingStepLabel) return backend.compile(graph, label, options);
    const made = await compileRecorded(graph, label);
    recorded.push(made);
    return made.program;
  };
  return { backend: { ...backend, compile }, recorded };
}

/** Runs steps, then `last` before the step's program is disposed. */
async function measureSteps<T>(
  { backend, config, data, steps, now }: ProfileOptions & { readonly now: () => number },
  family: Family,
  onStep: () => void,
  last: () => Promise<T>,
): Promise<{ readonly measured: Measured; readonly last: T }> {
  const started = now();
  const step = await createTrainingStep(backend, family, config);
  const compiled = now();
  const times: number[] = [];
  try {
    const order = createBatchOrder(data.train.count, step.examples, streamKey(config.seed, "data"));
    for await (const batch of prefetch(data.train, order, 0, warmUpSteps + steps)) {
      const given = toHostBatch(family, batch, step.examples);
      const before = now();
      await step.run(given, times.length);
      times.push(now() - before);
      onStep();
    }
    const measured: Measured = {
      compileMs: compiled - started,
      firstStepMs: times[0],
      stepMs: median(times.slice(warmUpSteps)),
      parameterCount: step.parameterCount,
      stateBytes: step.state.bytes(),
    };
    return { measured, last: await last() };
  } finally {
    await step.dispose();
  }
}
