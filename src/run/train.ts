/** Training: a generator of events over one compiled step, which saves, resumes and judges on the way. */

import { join } from "node:path";
import type { Key } from "../core/index.ts";
import type { Backend } from "../engine/index.ts";
import type { Family } from "../learn/models/index.ts";
import { coursePicture, stepPictureName, writeCourse } from "./course-pictures.ts";
import {
  type BatchOrder,
  createBatchOrder,
  type DataSplits,
  type LengthClasses,
  lengthClasses,
  prefetch,
  shareOf,
  tellersOf,
} from "./data/index.ts";
import { claimDirectory, runPaths } from "./directory.ts";
import type {
  EvaluatedEvent,
  FilesEvent,
  Metrics,
  PictureEvent,
  StartedEvent,
  TextsEvent,
  TrainEvent,
} from "./events.ts";
import { writeFileAtomically } from "./files.ts";
import { allPictures, makesPictures, type NamedPicture, samplePicture } from "./gallery.ts";
import { attentionPicture } from "./inside-pictures.ts";
import { judgeScores, toMetrics, validationCount } from "./judge.ts";
import { type MetricsLog, openMetricsLog } from "./metrics-log.ts";
import { createModel, type DeviceParameters, type Model, toHostBatch } from "./model.ts";
import { modelCard, modelCardFile } from "./model-card.ts";
import { writeSvgPicture } from "./pictures/index.ts";
import type { Preset, SharedConfig } from "./presets/index.ts";
import { type ProgressClock, progressClock } from "./progress-clock.ts";
import { renderingOf } from "./renderings/index.ts";
import { requestOfExamples } from "./requests.ts";
import { watchSignals } from "./signal-watch.ts";
import { openEventsLog } from "./tensorboard.ts";
import { drawTexts, textPage } from "./text-samples.ts";
import { requireFinite, restoreState, saveState } from "./training-state.ts";
import { createTrainingStep, examplesOfStep, streamKey, type TrainingStep } from "./training-step.ts";

export interface TrainOptions {
  readonly backend: Backend;
  readonly preset: Preset;
  /** Complete, as `parseConfig(preset.schema, ...)` gives it. */
  readonly config: SharedConfig;
  readonly data: DataSplits;
  /** What the user named as data; its name where absent. */
  readonly source?: string;
  /** Where the preset came from when it is none of ours. */
  readonly presetFile?: string;
  /** The run directory; made when missing. */
  readonly directory: string;
  /** Go on from the newest checkpoint. */
  readonly resume?: boolean;
  /** When aborted, the run saves, yields `interrupted` and ends. */
  readonly signal?: AbortSignal;
  /** A clock that never goes back, in milliseconds. */
  readonly now?: () => number;
  /** The time of day, in milliseconds since 1970: for TensorBoard, and for nothing that decides a number. */
  readonly wallClock?: () => number;
}

/** What the parts of a run in progress share. */
interface Running {
  readonly options: TrainOptions;
  readonly step: TrainingStep;
  readonly model: Model;
  readonly log: MetricsLog;
  readonly clock: ProgressClock;
  readonly order: BatchOrder;
  readonly lengths: LengthClasses | undefined;
  /** Of the whole validation split after the last step, once they are known. */
  last?: Metrics;
}

/** Steps that may be on their way to the backend at once, so that it never waits for the next batch. */
const stepsInFlight = 2;
/** Examples of the validation split that are judged while training; all of them at its end. */
const quickValidation = 2000;
/** Examples that the parameters are fitted to before the first step, where the family asks for it. */
const preparationExamples = 1024;
/** Texts that show what a model has learned. */
const textsShown = 4;

/**
 * Trains a preset, or continues a run.
 *
 * The directory holds at any moment a state from which `resume` continues with the numbers that an
 * uninterrupted run gives.
 * @throws GalateaError `usage` when the directory holds a run and `resume` is not set; `config` when
 *   resuming with other settings; `checkpoint` when none can be read; `diverged` when the loss is no
 *   finite number; `storage` when nothing can be written.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent, void, undefined> {
  const { backend, preset, config, data, directory } = options;
  const family = preset.build(config, data.train);
  const lengths = lengthClasses(data.train, family.sequences);
  const examples = examplesOfStep(family, config.batchSize);
  const order = createBatchOrder(data.train.count, examples, streamKey(config.seed, "data"), lengths);
  const isNew = await claimDirectory(options);
  const step = await createTrainingStep(backend, family, config);
  const model = createModel(backend, family);
  try {
    const restored = isNew ? { step: 0, warnings: [] } : await restoreState(step.state, directory);
    yield {
      type: "started",
      run: directory,
      preset: preset.name,
      family: family.name,
      fromStep: restored.step,
      steps: config.steps,
      parameterCount: step.parameterCount,
      data: { name: data.name, train: data.train.count, validation: data.validation.count, test: data.test.count },
      backend: backend.description,
      ...toldOf(family, options),
    };
    for (const message of [...data.notes, ...restored.warnings]) yield { type: "warning", message };
    if (restored.step === 0) await prepare(step, model, data);
    const log = await openLogs(options, restored.step);
    const clock = progressClock(options.now ?? (() => performance.now()), restored.step, config.steps);
    try {
      const running: Running = { options, step, model, log, clock, order, lengths };
      const stopped = yield* runSteps(running, restored.step);
      if (!stopped) yield* finish(running);
    } finally {
      await log.close();
    }
  } finally {
    await model.dispose();
    await step.dispose();
  }
}

/** What samples cannot do without and is read from what a person says, such as the path of an image. */
function toldOf({ conditions = {} }: Family, { preset, config, data }: TrainOptions): Pick<StartedEvent, "told"> {
  const isNeeded = Object.values(conditions).some(({ optional, classes }) => (optional ?? classes) === undefined);
  const context = { fields: data.train.fields, tokenizers: data.tokenizers ?? {} };
  const told = Object.entries(tellersOf(preset.reading?.(config) ?? {}, context));
  if (!isNeeded || told.length === 0) return {};
  return { told: told.map(([name, { what }]) => ({ name, what })) };
}

async function prepare(step: TrainingStep, model: Model, { train: dataset }: DataSplits): Promise<void> {
  if (!step.prepare) return;
  const count = Math.min(preparationExamples, dataset.count);
  // Spread evenly: data may lie sorted by class.
  const indices = Array.from({ length: count }, (_, i) => Math.floor((i * dataset.count) / count));
  await step.prepare(toHostBatch(model.family, await dataset.gather(indices), count));
}

/** metrics.jsonl and TensorBoard's events as one log. */
async function openLogs({ directory, wallClock }: TrainOptions, fromStep: number): Promise<MetricsLog> {
  const events = await openEventsLog(directory, fromStep, wallClock ?? Date.now);
  const lines = await openMetricsLog(runPaths(directory).metrics, fromStep);
  return {
    append: (step, split, metrics) => {
      lines.append(step, split, metrics);
      events.append(step, split, metrics);
    },
    flush: async () => {
      await lines.flush();
      await events.flush();
    },
    close: async () => {
      try {
        await lines.close();
      } finally {
        await events.close();
      }
    },
  };
}

/** All steps that are left; true when the signal ended them. */
async function* runSteps(running: Running, fromStep: number): AsyncGenerator<TrainEvent, boolean, undefined> {
  const { options, step, model, order, lengths, clock, log } = running;
  const { steps, checkpointEvery, evaluateEvery, sampleEvery, logEvery } = options.config;
  const watch = watchSignals(model.family.signals);
  const inFlight: { readonly number: number; readonly metrics: Promise<Metrics> }[] = [];

  async function* settleDownTo(count: number): AsyncGenerator<TrainEvent, void, undefined> {
    while (inFlight.length > count) {
      const { number, metrics: promise } = inFlight[0];
      const metrics = await promise;
      inFlight.shift();
      await requireFinite(step.state, options.directory, number, metrics);
      for (const message of watch(number, metrics)) yield { type: "warning", message };
      if (number === 1 || number === steps || number % logEvery === 0) {
        log.append(number, "train", metrics);
        yield { type: "step", step: number, steps, metrics };
      }
      const progress = clock.tick(number, Object.values(metrics)[0]);
      if (progress) yield progress;
    }
  }

  let done = fromStep;
  for await (const batch of prefetch(options.data.train, order, fromStep, steps)) {
    const share = shareOf(lengths, order.at(done));
    const metrics = step.run(toHostBatch(model.family, batch, step.examples, share), done);
    // Reported when the step is settled; until then a failure must not end the process.
    metrics.catch(() => undefined);
    done++;
    inFlight.push({ number: done, metrics });
    const last = done === steps;
    const due = (every: number): boolean => last || (every > 0 && done % every === 0);
    const stopped = options.signal?.aborted ?? false;
    if (!(stopped || due(checkpointEvery) || due(evaluateEvery) || due(sampleEvery))) {
      yield* settleDownTo(stepsInFlight - 1);
      continue;
    }
    yield* settleDownTo(0);
    clock.pause();
    if (due(evaluateEvery)) yield await validate(running, done, last);
    if (due(sampleEvery) && makesPictures(model.family.outputs)) {
      const key = streamKey(options.config.seed, "samples");
      yield* writePictures(running, done, [await samplePicture(model, parametersOf(running), key, options.data.test)]);
    }
    if (due(sampleEvery) && !last) yield* writeTexts(running, done);
    if (due(sampleEvery) && !last) yield* writeFiles(running, done);
    if (due(checkpointEvery) || stopped) {
      await log.flush();
      yield { type: "checkpoint", step: done, path: await saveState(step.state, options.directory, done) };
    }
    if (stopped && !last) {
      yield { type: "interrupted", step: done };
      return true;
    }
    clock.resume();
  }
  return false;
}

/** Final pictures, the model card and the last word. */
async function* finish(running: Running): AsyncGenerator<TrainEvent, void, undefined> {
  const { options, step, model, clock } = running;
  const { steps, seed } = options.config;
  const key = streamKey(seed, "samples");
  yield* writePictures(running, undefined, await allPictures(model, parametersOf(running), key, options.data.test));
  yield* writePictures(running, undefined, await picturesOfInside(running, key));
  yield* writeTexts(running);
  yield* writeFiles(running);
  yield* drawCourse(running);
  // A run that was resumed after its last step has not been judged yet.
  const metrics = running.last ?? (await scoreValidation(running, true));
  const card = modelCard({ ...options, family: model.family, parameterCount: step.parameterCount, metrics });
  await writeFileAtomically(join(options.directory, modelCardFile), card);
  yield { type: "finished", step: steps, seconds: clock.seconds(), metrics };
}

/** Where the model looks, where it has attention. */
async function picturesOfInside(running: Running, key: Key): Promise<readonly NamedPicture[]> {
  const { data } = running.options;
  const asked = { tokenizers: data.tokenizers ?? {}, key, examples: data.test };
  const bytes = await attentionPicture(running.model, parametersOf(running), asked);
  return bytes ? [{ kind: "attention", format: "png", bytes }] : [];
}

/** The weights to use: the averaged ones where the run keeps them. */
function parametersOf({ step }: Running): DeviceParameters {
  const { parameters, average } = step.state.current() as unknown as Readonly<Record<string, DeviceParameters>>;
  return average ?? parameters;
}

async function scoreValidation(running: Running, last: boolean): Promise<Metrics> {
  const { options, model } = running;
  const { seed, batchSize } = options.config;
  const most = validationCount(options.config, options.data);
  const scores = await judgeScores({
    model,
    parameters: parametersOf(running),
    dataset: options.data.validation,
    key: streamKey(seed, "evaluate"),
    batchSize,
    limit: last ? most : Math.min(quickValidation, most),
  });
  return toMetrics(scores);
}

async function validate(running: Running, step: number, last: boolean): Promise<EvaluatedEvent> {
  const metrics = await scoreValidation(running, last);
  running.log.append(step, "validation", metrics);
  if (last) running.last = metrics;
  return { type: "evaluated", step, metrics };
}

/** Pictures of the whole run: its losses, and its samples as they changed. */
async function* drawCourse({ options, model, log }: Running): AsyncGenerator<PictureEvent, void, undefined> {
  const { directory, config } = options;
  await log.flush();
  const svg = await coursePicture(directory, model.family);
  if (svg) {
    const path = join(runPaths(directory).samples, "losses.png");
    await writeSvgPicture(path, svg);
    yield { type: "picture", step: config.steps, kind: "losses", path };
  }
  const animation = await writeCourse(directory);
  if (animation) yield { type: "picture", step: config.steps, kind: "course", path: animation };
}

/** Writes texts of a step, or the final ones, which carry no number; none where the model makes no text. */
async function* writeTexts(running: Running, step?: number): AsyncGenerator<TextsEvent, void, undefined> {
  const { options, model } = running;
  const { data, config, directory } = options;
  const texts = await drawTexts({
    model,
    parameters: parametersOf(running),
    tokenizers: data.tokenizers ?? {},
    key: streamKey(config.seed, "samples"),
    count: textsShown,
    examples: data.test,
  });
  if (texts.length === 0) return;
  const name = step === undefined ? "samples.txt" : stepPictureName(step).replace(/\.\w+$/, ".txt");
  const path = join(runPaths(directory).samples, name);
  await writeFileAtomically(path, textPage(texts));
  yield { type: "texts", step: step ?? config.steps, texts, path };
}

/** Writes files of a step, or the final ones, which carry no number; none where the model makes pictures or text. */
async function* writeFiles(running: Running, step?: number): AsyncGenerator<FilesEvent, void, undefined> {
  const { options, model } = running;
  const { preset, config, data, directory } = options;
  const rendering = renderingOf(model.family, preset.reading?.(config) ?? {});
  if (!rendering) return;
  const request = await requestOfExamples(model.family, rendering.shown, data.test);
  const samples = await model.sample(parametersOf(running), streamKey(config.seed, "samples"), request);
  const own = step === undefined ? "samples" : stepPictureName(step).replace(/\.\w+$/, "");
  const paths: string[] = [];
  const { origins } = data.test;
  const known = origins && Array.from({ length: request.count }, (_, i) => origins(i));
  for (const { name, bytes } of await rendering.render(samples, request.conditions, known)) {
    const path = join(runPaths(directory).samples, `${own}-${name}`);
    await writeFileAtomically(path, bytes);
    paths.push(path);
  }
  yield { type: "files", step: step ?? config.steps, paths };
}

/** Writes pictures of a step, or the final ones, which carry no number. */
async function* writePictures(
  { options }: Running,
  step: number | undefined,
  pictures: readonly NamedPicture[],
): AsyncGenerator<PictureEvent, void, undefined> {
  for (const { kind, format, bytes } of pictures) {
    const own = kind === "animation" ? "samples" : kind;
    const name = step === undefined ? `${own}.${format}` : stepPictureName(step);
    const path = join(runPaths(options.directory).samples, name);
    await writeFileAtomically(path, bytes);
    yield { type: "picture", step: step ?? options.config.steps, kind, path };
  }
}
