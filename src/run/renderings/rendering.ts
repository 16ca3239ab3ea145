/** What a rendering is: samples that are neither pictures nor texts, as files that a person can open. */

import type { WindowOrigin } from "../data/index.ts";
import type { HostBatch, Results } from "../model.ts";

export interface RenderedFile {
  /** Such as `1.mid`; of several files of one run none are called alike. */
  readonly name: string;
  readonly bytes: Uint8Array | string;
}

export interface Rendering {
  /** How many samples show what a model has learned. */
  readonly shown: number;
  /**
   * Files of samples.
   * @param conditions what they were told, [count, ...]
   * @param origins of time series: what the numbers mean, of each sample in turn
   */
  render(samples: Results, conditions: HostBatch, origins?: readonly WindowOrigin[]): Promise<readonly RenderedFile[]>;
}
