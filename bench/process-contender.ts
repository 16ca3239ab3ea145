/** A contender that runs in a process of its own, so that its memory and its threads are its own. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { z } from "zod";
import type { Contender, Losses } from "./harness.ts";
import {
  type Description,
  descriptionSchema,
  drawsSchema,
  failureSchema,
  type KernelProfile,
  memorySchema,
  profileSchema,
  type Request,
  stepsSchema,
} from "./worker-protocol.ts";

export interface ProcessOptions {
  readonly name: string;
  readonly warmUpSteps: number;
  /** How to get what the process needs; said when it does not start. */
  readonly install?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** How long an answer may take. Default 10 minutes. */
  readonly timeoutMs?: number;
}

export interface ProcessContender extends Contender {
  /** What the process runs on, the size of its model, and how long it took to get ready. */
  describe(): Promise<Description>;
  /** Milliseconds of each of so many draws of a step's random numbers; nothing where a step has none. */
  draw(count: number): Promise<number[]>;
  /** Where the time of a step goes, over so many steps. */
  profile(steps: number): Promise<KernelProfile>;
}

interface Waiting {
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Starts a process that speaks worker-protocol.ts. What it writes to stderr is quoted when it fails.
 *
 * @throws (from every method) Error naming the contender: it is not installed, it ended, it was too slow,
 * it reported a failure, or its answer is not one of the protocol.
 */
export function processContender(command: string, args: readonly string[], options: ProcessOptions): ProcessContender {
  const { name, warmUpSteps, install, timeoutMs = 600_000 } = options;
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...options.env } });
  let waiting: Waiting | undefined;
  let answered = false;
  let failure: Error | undefined;
  let stderrTail = "";
  let losses: Losses | undefined;
  let firstStepMs: number | undefined;

  const fail = (what: string): void => {
    const hint = answered || install === undefined ? "" : `; if it is not installed: ${install}`;
    failure ??= new Error(`${name}: ${what}${hint}`);
    waiting?.reject(failure);
    waiting = undefined;
  };
  child.stderr.on("data", (chunk: Buffer) => {
    stderrTail = (stderrTail + chunk.toString()).slice(-1500);
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    answered = true;
    if (waiting) waiting.resolve(line);
    else fail(`said something unasked: ${line.slice(0, 200)}`);
    waiting = undefined;
  });
  child.on("error", (error) => fail(`${command} cannot be started (${error.message})`));
  // A closed stdin is a symptom of a process that ended; "close" tells why.
  child.stdin.on("error", () => undefined);
  child.on("close", (code, signal) => {
    const said = stderrTail.trim();
    fail(`the process ended (${signal ?? `exit code ${code}`})${said ? `, saying: ${said}` : ""}`);
  });

  const ask = async <T>(request: Request, schema: z.ZodType<T>): Promise<T> => {
    if (failure) throw failure;
    if (waiting) throw new Error(`${name}: asked again before the answer; wait for it`);
    const line = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        fail(`no answer to ${JSON.stringify(request)} within ${timeoutMs} ms`);
        child.kill("SIGKILL");
      }, timeoutMs);
      waiting = {
        resolve: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      goOn(child);
      child.stdin.write(`${JSON.stringify(request)}\n`);
    });
    halt(child);
    const answer = parse(line);
    const failed = failureSchema.safeParse(answer);
    if (failed.success) throw new Error(`${name}: ${failed.data.error}`);
    const read = schema.safeParse(answer);
    if (read.success) return read.data;
    throw new Error(`${name}: answered ${JSON.stringify(request)} with ${line.slice(0, 200)}; see worker-protocol.ts`);
  };

  const run = async (steps: number): Promise<number[]> => {
    const answer = await ask({ run: steps }, stepsSchema);
    if (answer.msPerStep.length !== steps) {
      throw new Error(`${name}: ran ${answer.msPerStep.length} steps; ${steps} were asked for`);
    }
    losses = { first: losses?.first ?? answer.firstLoss, last: answer.loss };
    firstStepMs ??= answer.msPerStep[0];
    return answer.msPerStep;
  };

  return {
    name,
    run,
    warmUp: async () => {
      await run(warmUpSteps);
    },
    losses: () => losses,
    firstStepMs: () => firstStepMs,
    peakMb: async () => (await ask({ memory: true }, memorySchema)).peakMb,
    describe: () => ask({ describe: true }, descriptionSchema),
    profile: (steps) => ask({ profile: steps }, profileSchema),
    draw: async (count) => (await ask({ draw: count }, drawsSchema)).msPerDraw,
    close: () => end(child),
  };
}

/** Between requests a process stands still: some keep threads waiting busily, which would slow the other side down. */
function halt(child: ChildProcess): void {
  if (process.platform !== "win32") child.kill("SIGSTOP");
}

function goOn(child: ChildProcess): void {
  if (process.platform !== "win32") child.kill("SIGCONT");
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Lets a process end by itself, then makes it. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  goOn(child);
  child.stdin?.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), 3000);
  await closed;
  clearTimeout(timer);
}
