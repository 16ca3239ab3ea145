/** One comparison of `npm run bench`: our side and a peer's, each in a process of its own. */

import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { compare } from "./harness.ts";
import { describeMachine } from "./machine.ts";
import { type ProcessContender, processContender } from "./process-contender.ts";
import type { Measured, Result } from "./results.ts";
import { median, round } from "./statistics.ts";
import type { KernelProfile } from "./worker-protocol.ts";
import { flopsOf } from "./workloads/flops.ts";
import type { Peer, Workload } from "./workloads/index.ts";

const threads = String(availableParallelism());
const ourProgram = fileURLToPath(new URL("contender.ts", import.meta.url));
/** Of a yardstick: until the clock of the processor has settled. */
const yardstickWarmUp = 3;
/** How often random numbers are drawn, and how many of the first draws don't count. */
const draws = { counted: 15, warmUp: 5 };
/** Steps that are recorded kernel by kernel, and ops that are named. */
const [profiledSteps, profiledOps] = [5, 8];

/**
 * Compares one workload with one peer.
 *
 * @throws Error when a side cannot be started or fails, or when both don't do the same work.
 */
export async function measureWorkload(workload: Workload, peer: Peer): Promise<Result> {
  const { name, kind = "training" } = workload;
  const machine = describeMachine();
  const date = new Date().toISOString();
  if (peer.omitted !== undefined) {
    const nothing = { ratio: null, oursMs: null, peerMs: null, spread: null, oursPeakMb: null, peerPeakMb: null };
    return { workload: name, peer: peer.name, ...nothing, reason: peer.omitted, machine, date };
  }
  await peer.prepare?.();
  const contenders: ProcessContender[] = [];
  const begin = (...start: Parameters<typeof processContender>): ProcessContender => {
    const contender = processContender(...start);
    contenders.push(contender);
    return contender;
  };
  const beginOurs = (program: string, warmUpSteps: number): ProcessContender => {
    // The same loader of TypeScript that this process was started with.
    const args = [...process.execArgv, ourProgram, program, "--threads", threads];
    return begin(process.execPath, args, { name: "galatea", warmUpSteps });
  };
  try {
    const theirs = begin(peer.command, peer.args, {
      name: peer.name,
      warmUpSteps: peer.warmUpSteps,
      install: peer.install,
    });
    const described = await theirs.describe();
    const ours = beginOurs(name, peer.warmUpSteps);
    const us = await ours.describe();
    if (us.parameters !== described.parameters) {
      throw new Error(
        `galatea's model has ${us.parameters} values and ${peer.name}'s ${described.parameters}; they must be equal`,
      );
    }
    const yardsticks = peer.sgemm
      ? [
          beginOurs("sgemm", yardstickWarmUp),
          begin(peer.command, peer.sgemm, { name: peer.name, warmUpSteps: yardstickWarmUp }),
        ]
      : [];
    // Until they are there, they would take the processor from our first step.
    for (const yardstick of yardsticks) await yardstick.describe();
    const { blocks, stepsPerBlock } = peer;
    const { lossTolerance } = workload;
    const comparison = await compare(ours, theirs, { blocks, stepsPerBlock, lossTolerance, yardsticks });
    const own = yardsticks.length > 0 && {
      parameters: us.parameters,
      startMs: round(us.setupMs + (ours.firstStepMs() ?? Number.NaN), 1),
      ...sgemmShare(name, comparison.oursMs, comparison.yardsticksMs),
      ...(kind === "training" && {
        randomShare: round((await drawMs(ours)) / comparison.oursMs, 4),
        profile: shorten(await ours.profile(profiledSteps)),
      }),
    };
    return {
      workload: name,
      peer: peer.name,
      ratio: round(comparison.ratio, 3),
      oursMs: round(comparison.oursMs, 3),
      peerMs: round(comparison.peerMs, 3),
      spread: [round(comparison.spread[0], 3), round(comparison.spread[1], 3)],
      oursPeakMb: round(comparison.oursPeakMb, 1),
      peerPeakMb: round(comparison.peerPeakMb, 1),
      ...own,
      machine: describeMachine(described.versions),
      date,
    };
  } finally {
    await Promise.all(contenders.map((contender) => contender.close()));
  }
}

/** Nothing for a workload whose operations nobody has counted. */
function sgemmShare(
  name: Workload["name"],
  oursMs: number,
  yardsticksMs: readonly number[],
): Pick<Measured, "gflop" | "sgemmGflops" | "sgemmShare"> {
  const counts: Readonly<Partial<Record<Workload["name"], number>>> = flopsOf;
  const flops = counts[name];
  if (flops === undefined) return {};
  const gflop = flops / 1e9;
  const best = flopsOf.sgemm / 1e6 / Math.min(...yardsticksMs);
  return {
    gflop: round(gflop, 3),
    sgemmGflops: round(best, 1),
    sgemmShare: round((gflop * 1e3) / oursMs / best, 3),
  };
}

/** The ops that take most. */
function shorten({ kernels, ops }: KernelProfile): KernelProfile {
  return { kernels, ops: ops.slice(0, profiledOps).map((one) => ({ ...one, share: round(one.share, 4) })) };
}

/** Milliseconds that the random numbers of a step take; 0 where there are none. */
async function drawMs(ours: ProcessContender): Promise<number> {
  const times = await ours.draw(draws.warmUp + draws.counted);
  return times.length === 0 ? 0 : median(times.slice(draws.warmUp));
}
