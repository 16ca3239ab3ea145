/** One training step as one program: forward, backward and update of every phase, over state that
 * stays on the device. */

import { foldKey } from "../core/base/index.ts";
import {
  constantKey,
  formatPlace,
  GalateaError,
  grad,
  hashName,
  type Key,
  keyFromSeed,
  leavesOf,
  mapTree,
  sizeOf,
  type Tensor,
  type TensorTree,
  type TensorType,
  type Tree,
  trace,
} from "../core/index.ts";
import {
  type Backend,
  compileUpdate,
  createState,
  type DeviceState,
  type HostTensor,
  jit,
  type Program,
  type StateTree,
} from "../engine/index.ts";
import type { Phase, TensorBatch, TrainableFamily } from "../learn/models/index.ts";
import { trainingContext } from "../learn/nn/index.ts";
import {
  adam,
  adamW,
  averageWeights,
  clipByGlobalNorm,
  muon,
  type Optimizer,
  type Schedule,
  schedule,
  sgd,
} from "../learn/optim/index.ts";
import { batchTypes, type HostBatch, keyTensor, parameterTypes } from "./model.ts";
import type { SharedConfig } from "./presets/index.ts";

/** Parameters by path. */
type Flat = Readonly<Record<string, Tensor>>;

const keyType: TensorType = { dtype: "uint32", shape: [2] };
const stepType: TensorType = { dtype: "uint32", shape: [] };

/** Names the step's program in messages and profiles. */
export const trainingStepLabel = "training step";

/** A compiled step with its state. */
export interface TrainingStep {
  readonly state: DeviceState<StateTree>;
  /** Number of values in the parameters. */
  readonly parameterCount: number;
  /** Examples of a step: those of a batch, as often as the phase that repeats most often. */
  readonly examples: number;
  /** Fits the parameters to a first batch, of any size; absent where the family has no need of it. */
  readonly prepare?: (batch: HostBatch) => Promise<void>;
  /** Starts step number `step`, counted from 0; resolves to its metrics. May be called before the last one ended. */
  run(batch: HostBatch, step: number): Promise<Readonly<Record<string, number>>>;
  dispose(): Promise<void>;
}

export function optimizerOf(config: SharedConfig): Optimizer {
  const { optimizer, momentum, beta1, beta2, weightDecay } = config;
  if (optimizer === "sgd") return sgd({ momentum, weightDecay }) as Optimizer;
  if (optimizer === "muon") return muon({ momentum, beta1, beta2, weightDecay }) as Optimizer;
  return (optimizer === "adamw" ? adamW : adam)({ beta1, beta2, weightDecay }) as Optimizer;
}

export function scheduleOf(config: SharedConfig): Schedule {
  const { steps, warmupSteps: warmUp, rateFloor: floor } = config;
  if (config.schedule === "cosine")
    return schedule({ kind: "cosine", total: steps, floor, warmUp: Math.min(warmUp, steps - 1) });
  if (config.schedule === "step") {
    return schedule({ kind: "step", every: config.decayEvery, factor: config.decayFactor, warmUp });
  }
  return schedule({ kind: "constant", warmUp });
}

/** The key of one of a run's streams. */
export function streamKey(seed: number, stream: "init" | "prepare" | "train" | "data" | "evaluate" | "samples"): Key {
  return foldKey(keyFromSeed(seed), hashName(stream));
}

/** The leaves that a phase trains by gradient: those it names, without running statistics. */
function trainedPaths(
  family: TrainableFamily,
  phase: Phase,
  types: Tree<TensorType>,
  batchSize: number,
): ReadonlySet<string> {
  const paths = new Set<string>();
  trace({ parameters: types, key: keyType, ...batchTypes(family, batchSize) }, (args) => {
    const { parameters, key, ...batch } = args as unknown as { parameters: TensorTree; key: Tensor } & TensorBatch;
    const context = trainingContext(key);
    const { loss } = phase.loss(parameters, batch as TensorBatch, context);
    for (const { path, value } of leavesOf<Tensor>(parameters)) {
      if (phase.trains(path) && !context.updates.has(value) && value.dtype === "float32") paths.add(path);
    }
    return loss;
  });
  return paths;
}

/** One use of a phase in a step. */
interface Turn {
  readonly phase: Phase;
  readonly paths: ReadonlySet<string>;
  /** Which of the phase's uses it is, from 0 on, */
  readonly repeat: number;
  /** and how many it has. */
  readonly repeats: number;
  /** Names its key among the step's. */
  readonly name: string;
}

function turnsOf(phases: readonly Pick<Turn, "phase" | "paths">[]): readonly Turn[] {
  return phases.flatMap(({ phase, paths }) => {
    const repeats = phase.repeats ?? 1;
    return Array.from({ length: repeats }, (_, repeat) => {
      return { phase, paths, repeat, repeats, name: repeats === 1 ? phase.name : `${phase.name}.${repeat}` };
    });
  });
}

/** Examples of a step, for batches of a size. */
export function examplesOfStep({ phases }: Pick<TrainableFamily, "phases">, batchSize: number): number {
  return batchSize * Math.max(...phases.map(({ repeats = 1 }) => repeats));
}

/** The part of a step's examples that belongs to a repeat. */
function partOf(batch: TensorBatch, repeat: number, size: number): TensorBatch {
  const take = (field: Tensor): Tensor => (field.shape[0] === size ? field : field.slice(0, repeat * size, size));
  return Object.fromEntries(Object.entries(batch).map(([name, field]) => [name, take(field)]));
}

function pick(parameters: TensorTree, paths: ReadonlySet<string>): Flat {
  const chosen = leavesOf<Tensor>(parameters).filter(({ path }) => paths.has(path));
  return Object.fromEntries(chosen.map(({ path, value }) => [path, value]));
}

function put(parameters: TensorTree, changed: Flat): TensorTree {
  return mapTree<Tensor, Tensor>(parameters as Tree<Tensor>, (leaf, path) => changed[path] ?? leaf);
}

/** What a family reads of a batch. */
function typesOfBatch({ inputs }: TrainableFamily, batch: HostBatch): Readonly<Record<string, TensorType>> {
  return Object.fromEntries(
    Object.keys(inputs).map((name) => [name, { dtype: batch[name].dtype, shape: batch[name].shape }]),
  );
}

/** Names a program of the step. */
function shapesOf(batch: Readonly<Record<string, TensorType>>): string {
  return JSON.stringify(Object.values(batch).map(({ shape }) => shape));
}

/**
 * Traces and compiles a run's step, and initializes its state from the seed.
 * @throws GalateaError `internal` when a phase trains nothing.
 */
export async function createTrainingStep(
  backend: Backend,
  family: TrainableFamily,
  config: SharedConfig,
): Promise<TrainingStep> {
  const { batchSize, clipNorm, averageDecay, learningRate, seed } = config;
  const types = parameterTypes(family);
  const optimizer = optimizerOf(config);
  const rate = scheduleOf(config);
  const phases = family.phases.map((phase) => ({ phase, paths: trainedPaths(family, phase, types, batchSize) }));
  const turns = turnsOf(phases);
  const examples = examplesOfStep(family, batchSize);
  const idle = phases.find(({ paths }) => paths.size === 0);
  if (idle) throw new GalateaError("internal", idle.phase.name, "the phase trains no parameter");

  const init = (): StateTree => {
    // A constant, so that the keys of all layers are derived while compiling, not by thousands of nodes.
    const parameters = family.init(constantKey(streamKey(seed, "init")));
    const optimizers = phases.map(({ phase, paths }) => [phase.name, optimizer.init(pick(parameters, paths))] as const);
    const average = averageDecay > 0 ? { average: parameters } : {};
    return { parameters, optimizer: Object.fromEntries(optimizers), ...average };
  };
  const starting = createState<Record<string, never>, StateTree>(backend, "initialization", {}, [], init as never);

  // A key for each turn, derived from the step here: in the graph that would take twenty nodes each.
  const keyTypes = Object.fromEntries(turns.map(({ name }) => [name, keyType]));
  type Feeds = Readonly<Record<string, TensorType>> & { readonly keys: typeof keyTypes; readonly step: TensorType };
  const compile = (batchType: Readonly<Record<string, TensorType>>) =>
    compileUpdate<StateTree, Feeds, Record<string, Tensor>>(
      backend,
      trainingStepLabel,
      starting,
      { ...batchType, keys: keyTypes, step: stepType } as Feeds,
      (current, given) => {
        const { keys, step: number, ...batch } = given as unknown as { readonly keys: Flat; readonly step: Tensor };
        const step = number.within(formatPlace({ layer: "", stage: "update" }));
        const learning = rate(step).mul(learningRate);
        let { parameters } = current;
        const optimizers: Record<string, TensorTree> = {
          ...(current.optimizer as Readonly<Record<string, TensorTree>>),
        };
        const metrics: Record<string, Tensor> = {};
        turns.forEach(({ phase, paths, repeat, repeats, name }) => {
          const prefix = phases.length > 1 ? `${phase.name}.` : "";
          const context = trainingContext(keys[name]);
          const part = partOf(batch as TensorBatch, repeat, batchSize);
          const { loss, metrics: watched } = phase.loss(parameters, part, context);
          const trained = pick(parameters, paths);
          let gradients = grad(loss, trained);
          metrics[`${prefix}loss`] = loss;
          for (const [metric, value] of Object.entries(watched)) metrics[prefix + metric] = value;
          if (clipNorm > 0) {
            const clipped = clipByGlobalNorm(gradients, clipNorm);
            gradients = clipped.gradients;
            metrics[`${prefix}gradientNorm`] = clipped.norm;
          }
          const updated = optimizer.update({
            parameters: trained,
            gradients,
            state: optimizers[phase.name],
            step: repeats === 1 ? step : step.mul(repeats).add(repeat),
            learningRate: phase.learningRate === undefined ? learning : learning.mul(phase.learningRate),
          });
          optimizers[phase.name] = updated.state;
          const running = leavesOf<Tensor>(parameters).flatMap(({ path, value }) => {
            const next = context.updates.get(value);
            return next ? [[path, next] as const] : [];
          });
          parameters = put(parameters, { ...updated.parameters, ...Object.fromEntries(running) });
        });
        const average = current.average
          ? { average: averageWeights(current.average, parameters, averageDecay, step) }
          : {};
        return { state: { parameters, optimizer: optimizers, ...average }, results: metrics };
      },
    );
  /** By the shapes of the batch: sequences come in several lengths. */
  const programs = new Map<string, ReturnType<typeof compile>>();
  const programFor = (batch: HostBatch): ReturnType<typeof compile> => {
    const types = typesOfBatch(family, batch);
    const shapes = shapesOf(types);
    const known = programs.get(shapes) ?? compile(types);
    programs.set(shapes, known);
    return known;
  };
  const whole = batchTypes(family, examples);
  const usual = compile(whole);
  programs.set(shapesOf(whole), usual);
  const names = Object.keys((await usual).results);
  const state = await starting.ready;
  const prepare = family.prepare?.bind(family);
  const prepareWith = async (batch: HostBatch): Promise<void> => {
    const fitting = jit(backend, "preparation", (given) => {
      const args = given as unknown as { parameters: TensorTree; batch: TensorBatch; key: Tensor };
      return prepare?.(args.parameters, args.batch, args.key) ?? args.parameters;
    });
    const { parameters } = state.current();
    const key = keyTensor(streamKey(seed, "prepare"));
    const fitted = leavesOf<HostTensor>((await fitting({ parameters, batch, key } as never)) as never);
    await fitting.dispose();
    const tensors = new Map(await state.read());
    for (const { path, value } of fitted) {
      tensors.set(`parameters.${path}`, value);
      if (averageDecay > 0) tensors.set(`average.${path}`, value);
    }
    await state.write(tensors, "preparation");
  };
  const fields = Object.keys(family.inputs);
  const trainKey = streamKey(seed, "train");
  let queue: Promise<unknown> = Promise.resolve();
  return {
    state,
    parameterCount: leavesOf<TensorType>(types).reduce((sum, { value }) => sum + sizeOf(value.shape), 0),
    examples,
    ...(prepare && { prepare: prepareWith }),
    run: (batch, step) => {
      // Steps start in the order in which they were asked for, also where one waits for a program to be made.
      const started = queue.then(async () => {
        const { program } = await programFor(batch);
        const stepNumber: HostTensor = { dtype: "uint32", shape: [], data: Uint32Array.of(step) };
        const stepKey = foldKey(trainKey, step);
        const keys = turns.map((_, index) => keyTensor(foldKey(stepKey, index)));
        const values = state.update(program as Program, [...fields.map((name) => batch[name]), ...keys, stepNumber]);
        return { values };
      });
      queue = started.catch(() => undefined);
      return started.then(async ({ values }) => {
        const numbers = await values;
        return Object.fromEntries(names.map((name, i) => [name, Number(numbers[i].data[0])]));
      });
    },
    dispose: async () => {
      await queue;
      for (const made of programs.values()) await (await made).program.dispose();
      await state.dispose();
    },
  };
}
