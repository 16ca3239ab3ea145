/** Makes a Node program a contender: it speaks worker-protocol.ts on stdin and stdout. */

import { createInterface } from "node:readline";
import { onnxRuntimeVersion } from "../src/platform/node/index.ts";
import { readPeakMb } from "./peak-memory.ts";
import { type KernelProfile, type Request, requestSchema } from "./worker-protocol.ts";

export interface ContenderProgram<State> {
  /** Everything before the first step: tracing and compiling. */
  setup(options: { readonly threads: number }): Promise<State> | State;
  /** One training step, the `index`-th from 0; its loss. */
  step(state: State, index: number): Promise<number> | number;
  /** Number of values in the model; 0 where absent. */
  parameters?(state: State): number;
  /** Draws the random numbers of a step and nothing else; absent where a step has none. */
  draw?(state: State): Promise<void>;
  /** Where the time of a step goes; absent where nobody can say. */
  profile?(state: State, steps: number): Promise<KernelProfile>;
  /** Frees what setup made. */
  close?(state: State): Promise<void> | void;
}

/** Sets up, then answers requests until stdin ends. */
export async function serveContender<State>(program: ContenderProgram<State>, threads: number): Promise<void> {
  const begun = performance.now();
  const state = await program.setup({ threads });
  const setupMs = performance.now() - begun;
  let done = 0;

  const answer = async (request: Request): Promise<object> => {
    if ("memory" in request) return { peakMb: await readPeakMb() };
    if ("describe" in request) {
      const versions = { onnxruntime: onnxRuntimeVersion() };
      return { versions, parameters: program.parameters?.(state) ?? 0, setupMs };
    }
    if ("draw" in request) return { msPerDraw: program.draw ? await time(request.draw, program.draw, state) : [] };
    if ("profile" in request) {
      if (!program.profile) throw new Error("it keeps no records of its kernels");
      return program.profile(state, request.profile);
    }
    const losses: number[] = [];
    const oneStep = async (): Promise<void> => {
      losses.push(await program.step(state, done));
      done++;
    };
    const msPerStep = await time(request.run, oneStep, state);
    const wrong = losses.findIndex((loss) => !Number.isFinite(loss));
    if (wrong >= 0) throw new Error(`the loss is ${losses[wrong]}; it must be finite`);
    return { msPerStep, firstLoss: losses[0], loss: losses.at(-1) };
  };

  for await (const line of createInterface({ input: process.stdin })) {
    const reply = await answerLine(line, answer);
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  await program.close?.(state);
}

/** Milliseconds of each of so many calls, one after the other. */
async function time<State>(count: number, act: (state: State) => Promise<void>, state: State): Promise<number[]> {
  const times: number[] = [];
  while (times.length < count) {
    const started = performance.now();
    await act(state);
    times.push(performance.now() - started);
  }
  return times;
}

async function answerLine(line: string, answer: (request: Request) => Promise<object>): Promise<object> {
  try {
    return await answer(requestSchema.parse(JSON.parse(line)));
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
