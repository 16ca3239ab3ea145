/** Which promises a result misses. */

import type { Gap } from "./explanations.ts";
import type { Result } from "./results.ts";
import { goals, type Workload } from "./workloads/index.ts";

/** All that the comparison with one peer misses; nothing where the peer cannot run. */
export function gapsOf(workload: Pick<Workload, "peers" | "sgemmGoal">, result: Result): Gap[] {
  if (result.ratio === null) return [];
  const { ratio, startMs, sgemmShare, randomShare, oursPeakMb, peerPeakMb } = result;
  const bound = workload.peers.find(({ name }) => name === result.peer)?.bound ?? 0;
  const missed: readonly (readonly [Gap, boolean])[] = [
    [result.peer as Gap, ratio < bound],
    // Memory is promised against the peer with which our own numbers were measured.
    ["memory", startMs !== undefined && oursPeakMb > peerPeakMb],
    ["sgemm", sgemmShare !== undefined && sgemmShare < (workload.sgemmGoal ?? 0)],
    ["start", startMs !== undefined && startMs >= goals.startMs],
    ["random", randomShare !== undefined && randomShare > goals.randomShare],
  ];
  return missed.flatMap(([gap, misses]) => (misses ? [gap] : []));
}
