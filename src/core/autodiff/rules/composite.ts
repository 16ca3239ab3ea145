/** Gradients of compositions. */

import { oneHot, type Tensor } from "../../trace/index.ts";
import type { SomeRules } from "./rule.ts";

export const composite = {
  // dx = y (dy - sum of dy y)
  softmax: (g, { output, attrs: { axis } }) => {
    const weighted = g.mul(output);
    return [weighted.sub(output.mul(weighted.sum(axis, true)))];
  },
  // dx = dy - e^y sum of dy
  logSoftmax: (g, { output, attrs: { axis } }) => [g.sub(output.exp().mul(g.sum(axis, true)))],
  // dx = (softmax(x) - 1 at the label) dy
  crossEntropy: (g, { inputs: [logits, labels] }) => {
    const byClass = logits.softmax().sub(oneHot(labels, logits.shape[logits.rank - 1]));
    return [byClass.mul(g.reshape([...g.shape, 1])), undefined];
  },
  // d x Phi(x) = (Phi(x) + x phi(x)) dx with 2 Phi(x) = 1 + erf(u), phi(x) = e^(-u^2) / sqrt(2 pi), u = x / sqrt 2
  gelu: (g, { inputs: [x] }) => {
    const u = x.mul(Math.SQRT1_2);
    const density = x.mul(u.square().neg().exp()).mul(Math.sqrt(2 / Math.PI));
    return [g.mul(u.erf().add(1).add(density)).mul(0.5)];
  },
  // With z = (x - mean) r and h = dy * weight: dx = r (h - mean(h) - z mean(h z)).
  // mean and r pass on their own gradients: d mean = mean(dx), dr = -r^2 mean(z dx).
  layerNorm: (g, { inputs: [x, weight], outputs: [, mean, r], gradients: [, byMean, byR] }) => {
    const z = x.sub(mean).mul(r);
    const h = g.mul(weight);
    const leading = x.shape.flatMap((_, axis) => (axis < x.rank - 1 ? [axis] : []));
    let shift = h.mean(-1, true);
    let slope = h.mul(z).mean(-1, true);
    const size = x.shape[x.rank - 1];
    if (byMean) shift = shift.sub(byMean.div(r.mul(size)));
    if (byR) slope = slope.add(byR.mul(r).mul(1 / size));
    const byX: Tensor = h.sub(shift).sub(z.mul(slope)).mul(r);
    return [byX, g.mul(z).sum(leading), g.sum(leading)];
  },
} satisfies SomeRules;
