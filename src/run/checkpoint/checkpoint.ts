/** Checkpoints of a run: `step-00000100.safetensors` files in one folder, each complete or absent.
 *
 * Tensors are kept in groups (parameters, optimizer, ...) and named `group.name` in the file. Metadata
 * whose keys start with `galatea.` is ours: format, step, groups, and the SHA-256 of everything else. */

import { createHash } from "node:crypto";
import { readdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { GalateaError } from "../../core/base/index.ts";
import { fileError, readBytes, removeLeftovers, writeFileAtomically } from "../files.ts";
import {
  bytesOf,
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensors,
  type SafetensorsFile,
  type SavedTensor,
} from "./safetensors.ts";

/** All that a run needs to go on from one step. */
export interface Checkpoint {
  /** Training steps done, 0 or more. */
  readonly step: number;
  /** Tensors by group; a group's name has letters, digits, `-` and `_` only. A group may be empty. */
  readonly groups: Readonly<Record<string, NamedTensors>>;
  /** Texts of the caller's own, e.g. the key and the data position. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface CheckpointFile {
  readonly step: number;
  readonly path: string;
}

export interface SkippedCheckpoint extends CheckpointFile {
  readonly reason: string;
}

export interface LoadedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly path: string;
  /** Newer checkpoints that could not be read, newest first. */
  readonly skipped: readonly SkippedCheckpoint[];
}

const filePattern = /^step-(\d{8,})\.safetensors$/;
const reserved = "galatea.";
const hashKey = `${reserved}sha256`;

/** The file of a step, e.g. `checkpoints/step-00000100.safetensors`. */
export function checkpointPath(folder: string, step: number): string {
  return join(folder, `step-${String(step).padStart(8, "0")}.safetensors`);
}

/**
 * Writes a checkpoint and returns its path. The tensors' memory must stay unchanged until then.
 *
 * @throws GalateaError `storage` when it cannot be written; `internal` for names that cannot be kept.
 */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<string> {
  const path = checkpointPath(folder, checkpoint.step);
  const named: [string, SavedTensor][] = [];
  for (const [group, tensors] of Object.entries(checkpoint.groups)) {
    if (!/^[\w-]+$/.test(group)) throw new GalateaError("internal", path, `a group cannot be called "${group}"`);
    for (const [name, tensor] of Object.entries(tensors)) named.push([`${group}.${name}`, tensor]);
  }
  const own = Object.keys(checkpoint.metadata).find((key) => key.startsWith(reserved));
  if (own !== undefined) throw new GalateaError("internal", path, `the metadata key "${own}" is reserved`);
  const metadata = {
    ...checkpoint.metadata,
    [`${reserved}format`]: "1",
    [`${reserved}step`]: String(checkpoint.step),
    [`${reserved}groups`]: Object.keys(checkpoint.groups).join(","),
  };
  const tensors = Object.fromEntries(named);
  const hash = hashOf({ tensors, metadata });
  await writeFileAtomically(path, encodeSafetensors(tensors, { ...metadata, [hashKey]: hash }));
  return path;
}

/**
 * Reads one checkpoint.
 *
 * @throws GalateaError `checkpoint` when it is missing, damaged, or no checkpoint of Galatea.
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const { tensors, metadata: all } = decodeSafetensors(await readBytes("checkpoint", path), path);
  const { [hashKey]: expected, ...signed } = all;
  if (signed[`${reserved}format`] !== "1" || expected === undefined) {
    throw new GalateaError("checkpoint", path, "not a checkpoint of this Galatea", "it carries no format 1 metadata");
  }
  if (hashOf({ tensors, metadata: signed }) !== expected) {
    throw new GalateaError("checkpoint", path, "its content does not match its SHA-256", "the file is damaged");
  }
  const step = Number(signed[`${reserved}step`]);
  const named = filePattern.exec(basename(path));
  if (named !== null && Number(named[1]) !== step) {
    throw new GalateaError("checkpoint", path, `it holds step ${step}`, "the file was renamed");
  }
  const groupNames = (signed[`${reserved}groups`] ?? "").split(",").filter((name) => name !== "");
  const groups = groupNames.map((group): [string, NamedTensors] => {
    const own = Object.entries(tensors).filter(([name]) => name.startsWith(`${group}.`));
    return [group, Object.fromEntries(own.map(([name, tensor]) => [name.slice(group.length + 1), tensor]))];
  });
  const metadata = Object.entries(signed).filter(([key]) => !key.startsWith(reserved));
  return { step, groups: Object.fromEntries(groups), metadata: Object.fromEntries(metadata) };
}

/**
 * The checkpoints of a folder, oldest first; none when the folder does not exist.
 *
 * @throws GalateaError `checkpoint` when the folder cannot be read.
 */
export async function listCheckpoints(folder: string): Promise<readonly CheckpointFile[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw fileError("checkpoint", folder, "read", cause);
  }
  const files = names.flatMap((name): CheckpointFile[] => {
    const match = filePattern.exec(name);
    return match === null ? [] : [{ step: Number(match[1]), path: join(folder, name) }];
  });
  return files.sort((a, b) => a.step - b.step);
}

/**
 * The newest checkpoint that can be read, and what was skipped on the way to it, for the caller to say.
 *
 * @throws GalateaError `checkpoint` when there is none, or none is readable.
 */
export async function loadNewestGood(folder: string): Promise<LoadedCheckpoint> {
  const files = await listCheckpoints(folder);
  if (files.length === 0) {
    throw new GalateaError("checkpoint", folder, "holds no checkpoint", "there is nothing to go on from");
  }
  const skipped: SkippedCheckpoint[] = [];
  for (const file of files.toReversed()) {
    try {
      return { checkpoint: await readCheckpoint(file.path), path: file.path, skipped };
    } catch (error) {
      if (!(error instanceof GalateaError)) throw error;
      skipped.push({ ...file, reason: error.message });
    }
  }
  const count = skipped.length === 1 ? "its only checkpoint" : `none of its ${skipped.length} checkpoints`;
  const verb = skipped.length === 1 ? "cannot" : "can";
  throw new GalateaError("checkpoint", folder, `${count} ${verb} be read (${skipped[0].reason})`, "start a new run");
}

/**
 * Renames what `loadNewestGood` skipped to `*.damaged`, so that pruning never takes a damaged checkpoint
 * for the newest. Call it when a run goes on, not when it is only read. Returns the new paths.
 *
 * @throws GalateaError `storage` when a file cannot be renamed.
 */
export async function setAside(skipped: readonly CheckpointFile[]): Promise<readonly string[]> {
  for (const { path } of skipped) {
    await rename(path, `${path}.damaged`).catch((cause: unknown) => {
      throw fileError("storage", path, "renamed", cause);
    });
  }
  return skipped.map(({ path }) => `${path}.damaged`);
}

/**
 * Removes all checkpoints but the newest `keep` (at least 1) and those of `protectedSteps`, and what a
 * killed process left half-written. Returns the paths removed.
 *
 * @throws GalateaError `config` when `keep` is below 1; `storage` when a file cannot be removed.
 */
export async function pruneCheckpoints(
  folder: string,
  keep: number,
  protectedSteps: readonly number[] = [],
): Promise<readonly string[]> {
  if (!Number.isInteger(keep) || keep < 1) {
    throw new GalateaError("config", "keep", `${keep} checkpoints to keep`, "a whole number from 1 up");
  }
  const files = await listCheckpoints(folder);
  if (files.length === 0) return [];
  const old = files.slice(0, -keep).filter(({ step }) => !protectedSteps.includes(step));
  for (const { path } of old) {
    await rm(path, { force: true }).catch((cause: unknown) => {
      throw fileError("storage", path, "removed", cause);
    });
  }
  await removeLeftovers(folder);
  return old.map(({ path }) => path);
}

/** SHA-256 over metadata, names, types, shapes and bytes, in an order that does not depend on the file. */
function hashOf({ tensors, metadata }: SafetensorsFile): string {
  const byName = (a: readonly [string, unknown], b: readonly [string, unknown]): number => (a[0] < b[0] ? -1 : 1);
  const hash = createHash("sha256").update(JSON.stringify(Object.entries(metadata).sort(byName)));
  for (const [name, { dtype, shape, data }] of Object.entries(tensors).sort(byName)) {
    hash.update(JSON.stringify([name, dtype, shape])).update(bytesOf(data));
  }
  return hash.digest("hex");
}
