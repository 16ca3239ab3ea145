/** What turns images into features, and what is told of it beside a score. */

import type { Features } from "../features.ts";
import type { ImageSet } from "../image-quality.ts";

/** Which features a score was made of; recorded with it. */
export interface FeatureRecord {
  /** The net. */
  readonly name: string;
  /** What of it: `penultimate layer, 128 numbers`. */
  readonly layer: string;
  /** How images were brought to its size: `none`, or the filter. */
  readonly resize: string;
  /** How values were scaled. */
  readonly range: string;
  /** SHA-256 of the net's file, or of what it was trained on. */
  readonly sha256: string;
  /** Share of test examples that it classifies rightly, where it is a classifier of ours. */
  readonly accuracy?: number;
}

export interface Extracted {
  readonly features: Features;
  /** [N, classes], where the net is a classifier. */
  readonly probabilities?: { readonly classes: number; readonly data: Float32Array };
}

export interface FeatureExtractor {
  readonly record: FeatureRecord;
  /**
   * Features of images [N, C, H, W]. Floats are rounded to bytes first, so that samples and files are treated alike.
   * @throws GalateaError `data` when the images do not fit.
   */
  extract(images: ImageSet, onProgress?: (done: number, total: number) => void): Promise<Extracted>;
}
