/** What the contract test needs to know of a family. */

import type { HostTensor } from "../../src/engine/index.ts";
import type { Family } from "../../src/learn/models/index.ts";
import type { HostBatch } from "../../src/run/model.ts";

export interface FamilyUnderContract {
  readonly name: string;
  readonly family: Family;
  readonly steps: number;
  readonly learningRate: number;
  /** The loss that training must get below: what a model reaches that is the same for every example. */
  readonly bound?: (images: Uint8Array, state: ReadonlyMap<string, HostTensor>) => number;
  /** The phase whose loss that is, where there are several. */
  readonly phase?: string;
  /** How far samples are from the data, where losses do not fall: training must make it half as large, or better. */
  readonly error?: (samples: HostTensor, images: Uint8Array) => number;
  /** Leaves that are not trained: running statistics, and what only `prepare` sets. */
  readonly running: readonly string[];
  /** Of these, leaves that may stay as they were. */
  readonly fixed?: readonly string[];
  /** Whether samples leave nothing to chance: they are what was told, translated. */
  readonly isCertain?: boolean;
  /** Fields of `count` examples from number `start` on, beside images of digits and their labels, or in their place. */
  readonly fields?: (start: number, count: number, images: Uint8Array) => HostBatch;
}

/** Images of digits. */
export const shape = [1, 28, 28];
