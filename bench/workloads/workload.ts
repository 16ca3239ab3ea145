/** What a workload of `npm run bench` is. */

export interface Peer {
  /** As results name it: `pytorch`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** How to install it, said when it does not start. */
  readonly install: string;
  /** For people: what it is and how it was set up. */
  readonly note: string;
}

/** A training step that we and our peers run. */
export interface Workload {
  readonly name: string;
  /** For people: what one step does, and what is the same on both sides. */
  readonly description: string;
  /** Our side: a program of this folder that ends in serveContender. */
  readonly ours: string;
  readonly peers: readonly Peer[];
  /** The ratio that we promise: at least so many times as fast. */
  readonly bound: number;
  readonly warmUpSteps: number;
  readonly blocks: number;
  readonly stepsPerBlock: number;
  /** How far apart the losses may lie after as many steps; absent where they need not agree (a GAN). */
  readonly lossTolerance?: number;
}
