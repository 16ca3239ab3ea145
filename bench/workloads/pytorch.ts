/** PyTorch as a peer. */

import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Peer } from "./workload.ts";

const worker = fileURLToPath(new URL("../peers/pytorch/peer.py", import.meta.url));

/** How long a comparison takes, and what we promise of it. */
export type PeerOptions = Pick<Peer, "bound" | "warmUpSteps" | "blocks" | "stepsPerBlock">;

/** Another way of doing the same, which is a peer of its own. */
export interface Variant {
  /** As results name the peer: `pytorch-<name>`. */
  readonly name: string;
  /** For people: what it does. */
  readonly note: string;
}

/** PyTorch eager in another way: `bench/peers/pytorch/<program>-<variant>.py`, with dashes as underscores. */
export function pytorchVariant(program: string, { name, note }: Variant, options: PeerOptions): Peer {
  // Our own numbers are measured beside the plain one.
  const { sgemm: _, ...plain } = pytorchPeer(program, options);
  const args = [...plain.args, "--program", `${program}-${name}`];
  return { ...plain, name: `pytorch-${name}`, args, note: `As pytorch, but ${note}` };
}

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
