/** PyTorch as a peer. */

import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Peer } from "./workload.ts";

const worker = fileURLToPath(new URL("../peers/pytorch/peer.py", import.meta.url));

/** How long a comparison takes, and what we promise of it. */
export type PeerOptions = Pick<Peer, "bound" | "warmUpSteps" | "blocks" | "stepsPerBlock">;

/** PyTorch eager running `bench/peers/pytorch/<program>.py`; `GALATEA_PYTHON` names another Python than Debian's. */
export function pytorchPeer(program: string, options: PeerOptions): Peer {
  const argsOf = (file: string): string[] => [worker, file, "--threads", String(availableParallelism())];
  return {
    name: "pytorch",
    command: process.env.GALATEA_PYTHON ?? "/usr/bin/python3",
    args: argsOf(program),
    sgemm: argsOf("sgemm"),
    install:
      "on Debian, apt-get install python3-torch libopenblas0-pthread; " +
      "elsewhere set GALATEA_PYTHON to a Python that has torch",
    note:
      "PyTorch eager on CPU, with its usual allocator. Where OpenBLAS does not know the processor and would " +
      "fall back to kernels without AVX, the right ones are named; and OpenMP waits passively, so that its " +
      "threads and OpenBLAS's don't take the cores from each other. Both make it faster",
    ...options,
  };
}
