/** Makes a Node program a contender: it speaks worker-protocol.ts on stdin and stdout. */

import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { onnxRuntimeVersion } from "../src/platform/node/index.ts";
import { readPeakMb } from "./peak-memory.ts";
import { type Request, requestSchema } from "./worker-protocol.ts";

export interface ContenderProgram<State> {
  /** Everything before the first step; its time does not count. */
  setup(options: { readonly threads: number }): Promise<State> | State;
  /** One training step, the `index`-th from 0; its loss. */
  step(state: State, index: number): Promise<number> | number;
  /** Frees what setup made. */
  close?(state: State): Promise<void> | void;
}

/**
 * Sets up, then answers requests until stdin ends. Call it as the last thing of a program that the harness
 * starts with `--threads N`:
 *
 *     await serveContender({ setup: async ({ threads }) => ..., step: async (state, index) => loss });
 */
export async function serveContender<State>(program: ContenderProgram<State>): Promise<void> {
  const { values } = parseArgs({ options: { threads: { type: "string" } } });
  const state = await program.setup({ threads: Number(values.threads ?? availableParallelism()) });
  let done = 0;

  const answer = async (request: Request): Promise<object> => {
    if ("memory" in request) return { peakMb: await readPeakMb() };
    if ("versions" in request) return { versions: { onnxruntime: onnxRuntimeVersion() } };
    const msPerStep: number[] = [];
    let loss = Number.NaN;
    while (msPerStep.length < request.run) {
      const started = performance.now();
      loss = await program.step(state, done);
      msPerStep.push(performance.now() - started);
      done++;
    }
    if (!Number.isFinite(loss)) throw new Error(`the loss of step ${done} is ${loss}; it must be finite`);
    return { msPerStep, loss };
  };

  for await (const line of createInterface({ input: process.stdin })) {
    const reply = await answerLine(line, answer);
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  await program.close?.(state);
}

async function answerLine(line: string, answer: (request: Request) => Promise<object>): Promise<object> {
  try {
    return await answer(requestSchema.parse(JSON.parse(line)));
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
