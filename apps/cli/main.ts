/** The command `galatea`: reads the command line, runs one command, ends with its exit code.
 *
 * Only the option table is imported up front; each command brings its own code when it runs, so that
 * `galatea --help` answers at once. */

import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import type { CommandContext, CommandRunner } from "./context.ts";
import { describeFailure, type ExitCode } from "./failure.ts";
import type { CommandName } from "./options.ts";
import { parseCommandLine } from "./program.ts";

const runners: Readonly<Record<CommandName, () => Promise<CommandRunner>>> = {
  train: async () => (await import("./commands/train.ts")).runTrain,
  sample: async () => (await import("./commands/sample.ts")).runSample,
  evaluate: async () => (await import("./commands/evaluate.ts")).runEvaluate,
  interpolate: async () => (await import("./commands/interpolate.ts")).runInterpolate,
  denoise: async () => (await import("./commands/denoise.ts")).runDenoise,
  anomaly: async () => (await import("./commands/anomaly.ts")).runAnomaly,
  style: async () => (await import("./commands/style.ts")).runStyle,
  inpaint: async () => (await import("./commands/inpaint.ts")).runInpaint,
  augment: async () => (await import("./commands/augment.ts")).runAugment,
  import: async () => (await import("./commands/import.ts")).runImport,
  inspect: async () => (await import("./commands/inspect.ts")).runInspect,
  presets: async () => (await import("./commands/presets.ts")).runPresets,
  "data list": async () => (await import("./commands/data.ts")).runDataList,
  "data get": async () => (await import("./commands/data.ts")).runDataGet,
  doctor: async () => (await import("./commands/doctor.ts")).runDoctor,
};

/** From sources the package is two folders up; from dist/ three. */
function packageVersion(): string {
  const up = import.meta.url.endsWith(".ts") ? "../.." : "../../..";
  const { version } = JSON.parse(readFileSync(new URL(`${up}/package.json`, import.meta.url), "utf8")) as {
    version: string;
  };
  return version;
}

async function main(words: readonly string[], context: CommandContext): Promise<ExitCode> {
  const { stdout, stderr } = context;
  try {
    const call = parseCommandLine(words, packageVersion(), stdout.columns ?? 100);
    if ("text" in call) {
      (call.asked ? stdout : stderr).write(call.text);
      return call.asked ? 0 : 2;
    }
    const run = await runners[call.command]();
    return await run(call.arguments as never, call.options as never, context);
  } catch (error) {
    const { code, message, exitCode } = describeFailure(error);
    if (words.includes("--json")) stdout.write(`${JSON.stringify({ type: "error", code, message })}\n`);
    stderr.write(`galatea: ${message}\n`);
    // With the stack, and with the errors that it was caused by.
    if (words.includes("--debug")) stderr.write(`${inspect(error)}\n`);
    return exitCode;
  }
}

// Whoever reads our output may stop early (`galatea presets | head -1`): nothing is left to be done then.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
}

process.exitCode = await main(process.argv.slice(2), {
  // Opened only by who reads it: a stream that is open keeps the process alive.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
});
