/** The run directory: where everything about a run is kept, and what says whether it is the same run. */

import { access } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { dtypes, GalateaError } from "../core/index.ts";
import { type DataSplits, openTokenizer, saveTokenizer, type Tokenizers } from "./data/index.ts";
import { readBytes, writeFileAtomically } from "./files.ts";

/** Paths inside a run directory. */
export interface RunPaths {
  readonly config: string;
  readonly metrics: string;
  readonly checkpoints: string;
  readonly samples: string;
  /** A file for each field of tokens, `<field>.json`. */
  readonly tokenizers: string;
}

export function runPaths(directory: string): RunPaths {
  return {
    config: join(directory, "config.json"),
    metrics: join(directory, "metrics.jsonl"),
    checkpoints: join(directory, "checkpoints"),
    samples: join(directory, "samples"),
    tokenizers: join(directory, "tokenizers"),
  };
}

const vocabularySchema = z.object({
  size: z.int().min(1),
  pad: z.int().optional(),
  unknown: z.int().optional(),
  begin: z.int().optional(),
  end: z.int().optional(),
});

const recordSchema = z.object({
  galatea: z.string(),
  preset: z.string(),
  presetFile: z.string().optional(),
  data: z.object({
    source: z.string(),
    name: z.string(),
    train: z.int(),
    validation: z.int(),
    test: z.int(),
    fields: z.record(z.string(), z.object({ dtype: z.enum(dtypes), shape: z.array(z.int().min(0)) })),
    classes: z.array(z.string()).optional(),
    vocabularies: z.record(z.string(), vocabularySchema).optional(),
    /** Which of their fields have a tokenizer's file; all where it is not said. */
    tokenizers: z.array(z.string()).optional(),
  }),
  config: z.record(z.string(), z.unknown()),
  backend: z.string(),
  threads: z.int(),
});

/** What config.json holds: all that decides the numbers of a run. */
export type RunRecord = z.output<typeof recordSchema>;

/** Version of the package that writes runs. */
export const galateaVersion = "0.1.0";

/** Whether a directory holds a run. */
export async function holdsRun(directory: string): Promise<boolean> {
  return access(runPaths(directory).config).then(
    () => true,
    () => false,
  );
}

/**
 * Reads config.json.
 * @throws GalateaError `checkpoint` when the directory holds no run or its record is damaged.
 */
export async function readRunRecord(directory: string): Promise<RunRecord> {
  const { config: path } = runPaths(directory);
  if (!(await holdsRun(directory))) {
    throw new GalateaError("checkpoint", directory, "holds no run", "name the folder that `galatea train --out` wrote");
  }
  const text = new TextDecoder().decode(await readBytes("checkpoint", path));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new GalateaError("checkpoint", path, "is no valid JSON", "the file is damaged", { cause });
  }
  const parsed = recordSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path: at, message } = parsed.error.issues[0];
  throw new GalateaError(
    "checkpoint",
    path,
    `${at.join(".")}: ${message}`,
    "the file is damaged or of another version",
  );
}

export async function writeRunRecord(directory: string, record: RunRecord): Promise<void> {
  await writeFileAtomically(runPaths(directory).config, `${JSON.stringify(record, undefined, 2)}\n`);
}

/**
 * What makes text of the tokens of a run; nothing where it has none.
 * @throws GalateaError `data` when a tokenizer's file is missing or damaged.
 */
export async function openTokenizers(directory: string, { data }: RunRecord): Promise<Tokenizers> {
  const fields = data.tokenizers ?? Object.keys(data.vocabularies ?? {});
  const opened = fields.map(async (field) => {
    return [field, await openTokenizer(join(runPaths(directory).tokenizers, `${field}.json`))] as const;
  });
  return Object.fromEntries(await Promise.all(opened));
}

/** What decides a run's numbers, flat. The folder of the data may move; its content may not change. */
function decisive(record: RunRecord): Readonly<Record<string, unknown>> {
  const { train, validation, test, fields } = record.data;
  return {
    preset: record.preset,
    "data.train": train,
    "data.validation": validation,
    "data.test": test,
    "data.fields": fields,
    "data.vocabularies": record.data.vocabularies,
    backend: record.backend,
    threads: record.threads,
    ...record.config,
  };
}

/** A value as it comes back from a file. */
function asRead(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/**
 * Refuses to continue a run with other settings; the order in which an object names its entries is none.
 * @throws GalateaError `config` listing each difference.
 */
export function requireSameRun(directory: string, before: RunRecord, now: RunRecord): void {
  const left = decisive(before);
  const right = decisive(now);
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const differences = names
    .filter((name) => !isDeepStrictEqual(asRead(left[name]), asRead(right[name])))
    .map((name) => `${name} was ${JSON.stringify(left[name])} and is now ${JSON.stringify(right[name])}`);
  if (differences.length === 0) return;
  throw new GalateaError(
    "config",
    directory,
    `the run was made with other settings: ${differences.join(", ")}`,
    "resume with the same ones, or train into another folder",
  );
}

/** What {@link claimDirectory} needs to know of a run. */
export interface RunClaim {
  readonly preset: { readonly name: string };
  readonly presetFile?: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly data: DataSplits;
  readonly source?: string;
  readonly directory: string;
  readonly resume?: boolean;
  readonly backend: { readonly name: string; readonly threads: number };
}

/**
 * Makes a new run directory, or checks that an existing one is this run. True when it is new.
 * @throws GalateaError `usage` when it exists and is not to be resumed; `config` when it is another run.
 */
export async function claimDirectory(claim: RunClaim): Promise<boolean> {
  const { directory, data, config } = claim;
  const { train, validation, test } = data;
  const record: RunRecord = {
    galatea: galateaVersion,
    preset: claim.preset.name,
    ...(claim.presetFile !== undefined && { presetFile: claim.presetFile }),
    data: {
      source: claim.source ?? data.name,
      name: train.name,
      train: train.count,
      validation: validation.count,
      test: test.count,
      fields: Object.fromEntries(
        Object.entries(train.fields).map(([name, { dtype, shape }]) => [name, { dtype, shape: [...shape] }]),
      ),
      ...(train.classes && { classes: [...train.classes] }),
      ...(train.vocabularies && { vocabularies: train.vocabularies }),
      ...(train.vocabularies && { tokenizers: Object.keys(data.tokenizers ?? {}) }),
    },
    config,
    backend: claim.backend.name,
    threads: claim.backend.threads,
  };
  if (!(await holdsRun(directory))) {
    for (const [field, tokenizer] of Object.entries(data.tokenizers ?? {})) {
      await saveTokenizer(tokenizer, join(runPaths(directory).tokenizers, `${field}.json`));
    }
    await writeRunRecord(directory, record);
    return true;
  }
  if (!claim.resume) {
    throw new GalateaError("usage", directory, "holds a run", "continue it with --resume, or choose another --out");
  }
  requireSameRun(directory, await readRunRecord(directory), record);
  return false;
}
