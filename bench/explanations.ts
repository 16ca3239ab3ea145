/** Why a number of docs/performance.md misses what was promised. */

import type { WorkloadName } from "./workloads/index.ts";

/** What a workload can miss: speed against a peer, by its name, or one of our own promises. */
export type Gap = "pytorch" | "tfjs" | "jax-js" | "memory" | "sgemm" | "start" | "random";

export type Explanations = Readonly<Partial<Record<WorkloadName, Readonly<Partial<Record<Gap, string>>>>>>;

/** By workload, what misses its number and why, with the measurements that show it. */
export const explanations: Explanations = {};
