/** What a workload of `npm run bench` is. */

import type sizes from "./sizes.json";

export type WorkloadName = Exclude<keyof typeof sizes, "sgemm">;

export interface Peer {
  /** As results name it: `pytorch`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** How to install it, said when it does not start. */
  readonly install: string;
  /** For people: what it is and how it was set up. */
  readonly note: string;
  /** The ratio that we promise: at least so many times as fast. */
  readonly bound: number;
  readonly warmUpSteps: number;
  readonly blocks: number;
  readonly stepsPerBlock: number;
  /** Arguments of its program that multiplies matrices, a yardstick of the machine; ours is measured beside it. */
  readonly sgemm?: readonly string[];
  /** Why the peer does not run the workload. */
  readonly omitted?: string;
  /** Makes the peer ready to be started: installs its packages. */
  prepare?(): Promise<void>;
}

/** A training step, or the drawing of a batch of samples, which its `step` does then. */
export type WorkloadKind = "training" | "sampling";

/** What we and our peers run. Our side is the program of its name in this folder. */
export interface Workload {
  readonly name: WorkloadName;
  /** `training` where absent. */
  readonly kind?: WorkloadKind;
  /** For people: what one step does, and what is the same on both sides. */
  readonly description: string;
  readonly peers: readonly Peer[];
  /** How far apart the losses may lie, of samples the numbers that stand for them; see ComparisonOptions. */
  readonly lossTolerance: { readonly first: number; readonly last?: number };
  /** The share of SGEMM's speed that we promise. */
  readonly sgemmGoal?: number;
}

/** What we promise of every step: tracing, compiling and the first step together, and the share of random numbers. */
export const goals = { startMs: 2000, randomShare: 0.1 } as const;
