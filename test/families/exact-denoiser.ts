/** Networks without parameters that know the answer: the expected noise and example where data are Gaussian. */

import { range, type Tensor, tensor } from "../../src/core/index.ts";
import type { Denoiser } from "../../src/learn/models/index.ts";
import type { NoiseSchedule } from "../../src/learn/prob/index.ts";

/** N(mean, U diag(deviation^2) U^T) in the plane, U a rotation. */
export interface PlaneGaussian {
  readonly mean: readonly [number, number];
  readonly deviation: readonly [number, number];
  /** Radians; 0 where absent. */
  readonly angle?: number;
}

/** Shares of example and noise at a time in thousandths, [N] -> [N]. */
export type Shares = (time: Tensor) => { readonly signal: Tensor; readonly noise: Tensor };

/** Along a straight line. */
export const straight: Shares = (time) => {
  const t = time.mul(1 / 1000);
  return { signal: t, noise: t.neg().add(1) };
};

/** Of a schedule, between its steps by the logarithm of the signal-to-noise ratio. */
export function scheduled({ alphaBars, steps }: NoiseSchedule): Shares {
  const logSnr = tensor(
    alphaBars.map((share) => Math.log(share / (1 - share))),
    [steps],
  );
  return (time) => {
    const t = time.mul(steps / 1000);
    // weights of linear interpolation: 1 at the own step, 0 from the neighbours on
    const weights = t.reshape([t.size, 1]).sub(range(steps)).abs().neg().add(1).relu(); // [N, steps]
    const share = weights.matmul(logSnr).sigmoid();
    return { signal: share.sqrt(), noise: share.neg().add(1).sqrt() };
  };
}

export type Predicted = "epsilon" | "x0" | "v" | "velocity";

function rotation(angle: number): Tensor {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return tensor([cos, -sin, sin, cos], [2, 2]);
}

/**
 * The optimal network for Gaussians, one for each label and the last one for none.
 *
 * With x = a x0 + b e: E[x0 | x] = m + a s^2 / (a^2 s^2 + b^2) (x - a m), E[e | x] = b / (a^2 s^2 + b^2) (x - a m), along the axes of U.
 */
export function exactDenoiser(gaussians: readonly PlaneGaussian[], shares: Shares, predicted: Predicted): Denoiser {
  const of = (pick: (gaussian: PlaneGaussian) => readonly number[]): Tensor =>
    tensor(gaussians.flatMap(pick), [gaussians.length, 2]);
  return {
    init: () => ({}),
    apply: (_, x, { time, label }) => {
      const given = shares(time);
      const [signal, noise] = [given.signal, given.noise].map((share) => share.reshape([share.size, 1]));
      const choose = (table: Tensor): Tensor => (label ? table.gather(label) : table);
      const mean = choose(of((one) => one.mean));
      const variance = choose(of((one) => one.deviation.map((s) => s * s)));
      const axes = rotation(gaussians[0].angle ?? 0);
      const deviations = x.sub(mean.mul(signal)).matmul(axes);
      const total = variance.mul(signal.square()).add(noise.square());
      const clean = deviations.mul(variance.mul(signal)).div(total).matmul(axes, { transposeB: true }).add(mean);
      const e = deviations.mul(noise).div(total).matmul(axes, { transposeB: true });
      if (predicted === "epsilon") return e;
      if (predicted === "x0") return clean;
      return predicted === "v" ? e.mul(signal).sub(clean.mul(noise)) : clean.sub(e);
    },
  };
}
