/** Presets as the command line names them: one of ours by name, or the user's own from a config file. */

import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { closest } from "fastest-levenshtein";
import { GalateaError } from "../../src/core/base/index.ts";
import { findPreset, type Preset } from "../../src/run/index.ts";
import { absoluteSource } from "./data-source.ts";

/** A preset with what a config file says beyond it. */
export interface PresetSource {
  readonly preset: Preset;
  /** Options that differ from the preset's defaults. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Name or path of the data, instead of the preset's own. */
  readonly data?: string;
  /** Absolute path of the config file, when the preset is its own. */
  readonly file?: string;
}

/** Whether a name means a file. */
export function isConfigFile(name: string): boolean {
  return /\.[mc]?[jt]s$/.test(name);
}

/**
 * A preset by its name, or by the path of a config file. The file's default export is a preset made by
 * `definePreset`, or changes to one of ours: `{ preset: "digits/vae", config: { latent: 8 }, data: "./photos" }`, where a path is seen from the file.
 * @throws GalateaError `usage` for an unknown name; `config` when the file is missing, cannot be loaded or
 *   exports something else.
 */
export async function loadPresetSource(name: string): Promise<PresetSource> {
  if (!isConfigFile(name)) return { preset: findPreset(name), settings: {} };
  const file = resolve(name);
  if (!existsSync(file)) throw new GalateaError("config", name, "there is no such file", "check the path");
  return presetFrom(name, file, await defaultExport(name, file));
}

/** The preset of a run that was trained from a config file. */
export async function loadPreset(file: string): Promise<Preset> {
  return (await loadPresetSource(file)).preset;
}

async function defaultExport(name: string, file: string): Promise<unknown> {
  const { createJiti } = await import("jiti");
  // The file gets the modules that run already, wherever it lies: its presets are then the same to us as ours.
  const virtualModules = {
    galatea: await import("../../src/index.ts"),
    "galatea/nn": await import("../../src/learn/nn/index.ts"),
    "galatea/optim": await import("../../src/learn/optim/index.ts"),
    "galatea/prob": await import("../../src/learn/prob/index.ts"),
    "galatea/models": await import("../../src/learn/models/index.ts"),
    "galatea/run": await import("../../src/run/index.ts"),
    zod: await import("zod"),
  };
  const jiti = createJiti(import.meta.url, { fsCache: false, interopDefault: false, virtualModules });
  let loaded: Readonly<Record<string, unknown>>;
  try {
    loaded = await jiti.import(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GalateaError("config", name, `cannot be loaded: ${reason}`, undefined, { cause });
  }
  if (loaded.default !== undefined) return loaded.default;
  throw new GalateaError("config", name, "has no default export", "write `export default definePreset({ ... })`");
}

const changeKeys = ["preset", "config", "data"];

function presetFrom(name: string, file: string, exported: unknown): PresetSource {
  if (isRecord(exported) && isPreset(exported)) return { preset: exported, settings: {}, file };
  if (!isRecord(exported) || typeof exported.preset !== "string") {
    const right = 'a preset made by definePreset, or { preset: "digits/vae", config: { ... } }';
    throw new GalateaError("config", name, "its default export is no preset", right);
  }
  const { preset, config = {}, data } = exported;
  const unknown = Object.keys(exported).find((key) => !changeKeys.includes(key));
  if (unknown !== undefined) {
    const right = `did you mean ${closest(unknown, changeKeys)}? All: ${changeKeys.join(", ")}`;
    throw new GalateaError("config", name, `${unknown} has no meaning here`, right);
  }
  if (!isRecord(config)) throw new GalateaError("config", name, "config is no record", "write config: { steps: 100 }");
  if (data !== undefined && typeof data !== "string") {
    throw new GalateaError("config", name, "data is no text", "name a data set or a path");
  }
  const source = data === undefined ? {} : { data: absoluteSource(data, dirname(file)) };
  return { preset: findPreset(preset), settings: config, ...source };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPreset(value: Readonly<Record<string, unknown>>): value is Readonly<Record<string, unknown>> & Preset {
  return typeof value.name === "string" && typeof value.build === "function" && isRecord(value.schema);
}
