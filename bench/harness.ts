/** Compares the speed of two contenders in one interleaved run: only ratios measured so are quoted. */

import { median, quartiles } from "./statistics.ts";

/** A training step that can be timed. While one contender runs, the other is idle. */
export interface Contender {
  readonly name: string;
  /** Runs steps that are not counted: compiled code, filled caches, settled memory. */
  warmUp(): Promise<void>;
  /** Milliseconds of each of so many steps. */
  run(steps: number): Promise<number[]>;
  /** Loss of the last step, in nats; undefined before the first. */
  lastLoss(): number | undefined;
  /** Peak resident memory in 10^6 bytes. */
  peakMb(): Promise<number>;
  close(): Promise<void>;
}

export interface ComparisonOptions {
  /** How many blocks each contender runs. */
  readonly blocks: number;
  readonly stepsPerBlock: number;
  /** Idle time before each block, in which the other's waiting threads go to sleep. Default 50. */
  readonly pauseMs?: number;
  /**
   * How far apart the last losses may lie, relative to the peer's: both did the same work. Without it
   * the losses are not compared.
   */
  readonly lossTolerance?: number;
}

export interface Comparison {
  /** Median over pairs of neighbouring blocks of peer's time / our time: above 1 we are faster. */
  readonly ratio: number;
  /** Quartiles of those ratios. */
  readonly spread: readonly [number, number];
  /** Median over the blocks of a block's median step. */
  readonly oursMs: number;
  readonly peerMs: number;
  readonly oursPeakMb: number;
  readonly peerPeakMb: number;
  /** The ratio of each pair, in the order of time. */
  readonly ratios: readonly number[];
}

/**
 * Warms both up, then runs blocks of steps in the order ours, peer, peer, ours, ours, peer, peer ... so that
 * neither is always first and a slow drift of the machine cancels out.
 *
 * @throws Error when the contenders' losses show that they don't do the same work.
 */
export async function compare(ours: Contender, peer: Contender, options: ComparisonOptions): Promise<Comparison> {
  const { blocks, stepsPerBlock, pauseMs = 50, lossTolerance } = options;
  await ours.warmUp();
  await peer.warmUp();
  const oursBlocks: number[] = [];
  const peerBlocks: number[] = [];
  const runBlock = async (contender: Contender, medians: number[]): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    medians.push(median(await contender.run(stepsPerBlock)));
  };
  for (let pair = 0; pair < blocks; pair++) {
    const oursFirst = pair % 2 === 0;
    if (oursFirst) await runBlock(ours, oursBlocks);
    await runBlock(peer, peerBlocks);
    if (!oursFirst) await runBlock(ours, oursBlocks);
  }
  if (lossTolerance !== undefined) checkLosses(ours, peer, lossTolerance);
  const ratios = peerBlocks.map((peerMs, pair) => peerMs / (oursBlocks[pair] as number));
  return {
    ratio: median(ratios),
    spread: quartiles(ratios),
    oursMs: median(oursBlocks),
    peerMs: median(peerBlocks),
    oursPeakMb: await ours.peakMb(),
    peerPeakMb: await peer.peakMb(),
    ratios,
  };
}

function checkLosses(ours: Contender, peer: Contender, tolerance: number): void {
  const [oursLoss, peerLoss] = [ours.lastLoss(), peer.lastLoss()];
  const close =
    oursLoss !== undefined && peerLoss !== undefined && Math.abs(oursLoss - peerLoss) <= tolerance * Math.abs(peerLoss);
  if (close) return;
  throw new Error(
    `${ours.name} and ${peer.name}: after as many steps the losses are ${oursLoss} and ${peerLoss}; ` +
      `they must agree within ${tolerance * 100}%, or the two don't do the same work`,
  );
}
