/** Makes a step of another JavaScript library a contender: it speaks bench/worker-protocol.ts. */

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/**
 * @typedef {object} Peer
 * @property {number} parameters number of values in the model
 * @property {(index: number) => Promise<number>} step one training step; its loss
 */

/** What bench/workloads/sizes.json says of a workload. @param {string} workload */
export function sizesOf(workload) {
  return JSON.parse(readFileSync(new URL("../workloads/sizes.json", import.meta.url), "utf8"))[workload];
}

/**
 * Answers requests on stdin until it ends.
 *
 * @param {Record<string, string>} versions
 * @param {() => Promise<Peer>} build
 */
export async function serve(versions, build) {
  const begun = performance.now();
  const { parameters, step } = await build();
  const setupMs = performance.now() - begun;
  let done = 0;

  /** @param {Record<string, any>} request */
  const answer = async (request) => {
    if ("memory" in request) return { peakMb: peakMb() };
    if ("describe" in request) return { versions, parameters, setupMs };
    const msPerStep = [];
    const losses = [];
    while (msPerStep.length < request.run) {
      const started = performance.now();
      losses.push(await step(done));
      msPerStep.push(performance.now() - started);
      done++;
    }
    return { msPerStep, firstLoss: losses[0], loss: losses.at(-1) };
  };

  for await (const line of createInterface({ input: process.stdin })) {
    const reply = await answer(JSON.parse(line)).catch((error) => ({ error: String(error?.message ?? error) }));
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  // Their threads would hold the process open.
  process.exit(0);
}

/** Peak resident memory in 10^6 bytes. */
function peakMb() {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    return (Number(kib) * 1024) / 1e6;
  } catch {
    return (process.resourceUsage().maxRSS * 1024) / 1e6;
  }
}
