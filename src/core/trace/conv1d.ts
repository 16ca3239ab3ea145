/** Convolutions over sequences: those over images of one row. */

import { formatShape, GalateaError } from "../base/index.ts";
import type { Tensor } from "./tensor.ts";

export interface Conv1dOptions {
  readonly stride?: number;
  /**
   * Zeros before and after; `causal` puts as many before as the kernel reaches, so that an output sees nothing that
   * comes later.
   */
  readonly padding?: number | readonly [before: number, after: number] | "causal";
  readonly dilation?: number;
  /** Parts of the channels, each with filters of its own; 1 where absent. */
  readonly groups?: number;
}

export interface ConvTranspose1dOptions extends Omit<Conv1dOptions, "padding"> {
  readonly padding?: number | readonly [before: number, after: number];
  /** Places added at the end, to choose among the lengths that a stride leaves open. */
  readonly outputPadding?: number;
}

function requireRank3(name: string, x: Tensor, weight: Tensor): void {
  if (x.rank === 3 && weight.rank === 3) return;
  const seen = `${name}: sequence ${formatShape(x.shape)} and weight ${formatShape(weight.shape)}`;
  throw new GalateaError("shape", weight.path, seen, "each must have three axes");
}

/** [B, C, L] as images of one row, and a weight as one for them. */
function asRow(x: Tensor): Tensor {
  return x.reshape([x.shape[0], x.shape[1], 1, x.shape[2]]);
}

function asSequence(x: Tensor): Tensor {
  return x.reshape([x.shape[0], x.shape[1], x.shape[3]]);
}

function rowOptions({ stride = 1, dilation = 1, groups = 1 }: Conv1dOptions, before: number, after: number) {
  return { stride: [1, stride], dilation: [1, dilation], padding: [0, before, 0, after], groups } as const;
}

/**
 * Cross-correlation along sequences.
 *
 * Shapes: x [B, C, L], weight [O, C / groups, k] -> [B, O, L'] with
 * L' = floor((L + before + after - dilation (k - 1) - 1) / stride) + 1.
 * @throws GalateaError `shape` where they do not fit.
 */
export function conv1d(x: Tensor, weight: Tensor, options: Conv1dOptions = {}): Tensor {
  requireRank3("conv1d", x, weight);
  const { padding = 0, dilation = 1 } = options;
  const reach = dilation * (weight.shape[2] - 1);
  const [before, after] =
    padding === "causal" ? [reach, 0] : typeof padding === "number" ? [padding, padding] : padding;
  return asSequence(asRow(x).conv2d(asRow(weight), rowOptions(options, before, after)));
}

/**
 * The transpose of {@link conv1d}, which enlarges sequences.
 *
 * Shapes: x [B, O, L], weight [O, C / groups, k] -> [B, C, L'] with
 * L' = (L - 1) stride - before - after + dilation (k - 1) + outputPadding + 1.
 * @throws GalateaError `shape` where they do not fit.
 */
export function convTranspose1d(x: Tensor, weight: Tensor, options: ConvTranspose1dOptions = {}): Tensor {
  requireRank3("convTranspose1d", x, weight);
  const { padding = 0, outputPadding = 0 } = options;
  const [before, after] = typeof padding === "number" ? [padding, padding] : padding;
  const row = rowOptions(options, before, after);
  return asSequence(asRow(x).convTranspose2d(asRow(weight), { ...row, outputPadding: [0, outputPadding] }));
}
