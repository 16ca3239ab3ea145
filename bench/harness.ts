/** Compares the speed of two contenders in one interleaved run: only ratios measured so are quoted. */

import { median, quartiles } from "./statistics.ts";

/** Losses in nats. */
export interface Losses {
  readonly first: number;
  readonly last: number;
}

/** A training step that can be timed. While one contender runs, the others are idle. */
export interface Contender {
  readonly name: string;
  /** Runs steps that are not counted: compiled code, filled caches, settled memory. */
  warmUp(): Promise<void>;
  /** Milliseconds of each of so many steps. */
  run(steps: number): Promise<number[]>;
  /** Of the first and the last step so far; undefined before the first. */
  losses(): Losses | undefined;
  /** Milliseconds of the first step; undefined before it. */
  firstStepMs(): number | undefined;
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
   * How far apart losses may lie, relative to the peer's: both did the same work. The first ones come from fresh
   * parameters and other random numbers; the last ones need not agree where no number is given (a GAN).
   */
  readonly lossTolerance?: { readonly first: number; readonly last?: number };
  /** Run one step after each pair of blocks: what the machine can do in the same minute. */
  readonly yardsticks?: readonly Contender[];
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
  /** Median of each yardstick's steps. */
  readonly yardsticksMs: readonly number[];
}

/**
 * Warms all up, then runs blocks of steps in the order ours, peer, peer, ours, ours, peer, peer ... so that
 * neither is always first and a slow drift of the machine cancels out.
 *
 * @throws Error when the contenders' losses show that they don't do the same work.
 */
export async function compare(ours: Contender, peer: Contender, options: ComparisonOptions): Promise<Comparison> {
  const { blocks, stepsPerBlock, pauseMs = 50, lossTolerance, yardsticks = [] } = options;
  for (const contender of [ours, peer, ...yardsticks]) await contender.warmUp();
  const oursBlocks: number[] = [];
  const peerBlocks: number[] = [];
  const yardstickBlocks = yardsticks.map((): number[] => []);
  const runBlock = async (contender: Contender, medians: number[], steps: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    medians.push(median(await contender.run(steps)));
  };
  for (let pair = 0; pair < blocks; pair++) {
    const oursFirst = pair % 2 === 0;
    if (oursFirst) await runBlock(ours, oursBlocks, stepsPerBlock);
    await runBlock(peer, peerBlocks, stepsPerBlock);
    if (!oursFirst) await runBlock(ours, oursBlocks, stepsPerBlock);
    for (const [i, yardstick] of yardsticks.entries()) await runBlock(yardstick, yardstickBlocks[i], 1);
  }
  if (lossTolerance) checkLosses(ours, peer, lossTolerance);
  const ratios = peerBlocks.map((peerMs, pair) => peerMs / (oursBlocks[pair] as number));
  return {
    ratio: median(ratios),
    spread: quartiles(ratios),
    oursMs: median(oursBlocks),
    peerMs: median(peerBlocks),
    oursPeakMb: await ours.peakMb(),
    peerPeakMb: await peer.peakMb(),
    ratios,
    yardsticksMs: yardstickBlocks.map(median),
  };
}

function checkLosses(
  ours: Contender,
  peer: Contender,
  tolerance: { readonly first: number; readonly last?: number },
): void {
  for (const which of ["first", "last"] as const) {
    const share = tolerance[which];
    if (share === undefined) continue;
    const [oursLoss, peerLoss] = [ours.losses()?.[which], peer.losses()?.[which]];
    const close =
      oursLoss !== undefined && peerLoss !== undefined && Math.abs(oursLoss - peerLoss) <= share * Math.abs(peerLoss);
    if (close) continue;
    throw new Error(
      `${ours.name} and ${peer.name}: the ${which} losses after as many steps are ${oursLoss} and ${peerLoss}; ` +
        `they must agree within ${share * 100}%, or the two don't do the same work`,
    );
  }
  if (tolerance.last === undefined) return;
  for (const { name, losses } of [ours, peer]) {
    const { first, last } = losses() as Losses;
    if (last < first) continue;
    throw new Error(`${name}: the loss went from ${first} to ${last}; a step that trains makes it smaller`);
  }
}
