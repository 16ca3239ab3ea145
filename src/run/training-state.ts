/** A run's state on disk: saved into checkpoints, restored from the newest good one. */

import { GalateaError, type HostArray } from "../core/index.ts";
import type { DeviceState, HostTensor, StateTree } from "../engine/index.ts";
import {
  listCheckpoints,
  loadNewestGood,
  type NamedTensors,
  pruneCheckpoints,
  setAside,
  writeCheckpoint,
} from "./checkpoint/index.ts";
import { runPaths } from "./directory.ts";

type State = DeviceState<StateTree>;

/** Checkpoints that stay when a new one is written. */
const checkpointsKept = 3;

/** `parameters.encoder.0.weight` is kept in group `parameters` as `encoder.0.weight`. */
function toGroups(tensors: ReadonlyMap<string, HostTensor>): Record<string, NamedTensors> {
  const groups: Record<string, Record<string, HostTensor>> = {};
  for (const [path, tensor] of tensors) {
    const [group, ...rest] = path.split(".");
    groups[group] = { ...groups[group], [rest.join(".")]: tensor };
  }
  return groups as Record<string, NamedTensors>;
}

function allFinite(data: HostArray): boolean {
  return !(data instanceof Float32Array) || data.every(Number.isFinite);
}

/** Paths of parameters that hold a number that is none. */
function brokenParameters(tensors: ReadonlyMap<string, HostTensor>): string[] {
  const broken = [...tensors].filter(([path, { data }]) => path.startsWith("parameters.") && !allFinite(data));
  return broken.map(([path]) => path.slice("parameters.".length));
}

/**
 * Stops a run that has diverged, saying where. The last checkpoint stays as it is.
 * @throws GalateaError `diverged`, always.
 */
async function refuse(directory: string, step: number, what: string, broken: readonly string[]): Promise<never> {
  const files = await listCheckpoints(runPaths(directory).checkpoints);
  const kept = files.at(-1);
  const names =
    broken.length > 6 ? `${broken.slice(0, 6).join(", ")} and ${broken.length - 6} more` : broken.join(", ");
  const which = broken.length > 0 ? `; parameters that are no longer finite: ${names}` : "; all parameters are finite";
  const state = kept ? `the last good checkpoint is ${kept.path}` : "there was no checkpoint yet";
  throw new GalateaError("diverged", `step ${step}`, what + which, `${state}; try a lower learningRate or clipNorm=1`);
}

/**
 * Checks a step's metrics.
 * @throws GalateaError `diverged` naming the step, the metric and the parameters when one is no finite number.
 */
export async function requireFinite(
  state: State,
  directory: string,
  step: number,
  metrics: Readonly<Record<string, number>>,
): Promise<void> {
  const broken = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
  if (!broken) return;
  const parameters = brokenParameters(await state.read());
  await refuse(directory, step, `the ${broken[0]} became ${broken[1]}`, parameters);
}

/**
 * Saves the state after `step` steps and gives the file's path.
 * @throws GalateaError `diverged` when a parameter is not finite; `storage` when it cannot be written.
 */
export async function saveState(state: State, directory: string, step: number): Promise<string> {
  const tensors = await state.read();
  const broken = brokenParameters(tensors);
  if (broken.length > 0) await refuse(directory, step, "the update broke parameters", broken);
  const folder = runPaths(directory).checkpoints;
  const path = await writeCheckpoint(folder, { step, groups: toGroups(tensors), metadata: {} });
  await pruneCheckpoints(folder, checkpointsKept);
  return path;
}

export interface RestoredState {
  /** Steps done; 0 when there was no checkpoint. */
  readonly step: number;
  /** What a person should know. */
  readonly warnings: readonly string[];
}

/**
 * Loads the newest good checkpoint of a run into its state; damaged ones are set aside.
 * @throws GalateaError `checkpoint` when there are checkpoints and none can be read, or they do not fit.
 */
export async function restoreState(state: State, directory: string): Promise<RestoredState> {
  const folder = runPaths(directory).checkpoints;
  if ((await listCheckpoints(folder)).length === 0) {
    return { step: 0, warnings: ["the run has no checkpoint yet: it starts from its first step"] };
  }
  const { checkpoint, path, skipped } = await loadNewestGood(folder);
  const tensors = new Map<string, HostTensor>();
  for (const [group, named] of Object.entries(checkpoint.groups)) {
    for (const [name, tensor] of Object.entries(named)) tensors.set(`${group}.${name}`, tensor);
  }
  await state.write(tensors, path);
  await setAside(skipped);
  const warnings = skipped.map(
    ({ reason }) => `a damaged checkpoint was set aside (${reason}); the run continues from step ${checkpoint.step}`,
  );
  return { step: checkpoint.step, warnings };
}
