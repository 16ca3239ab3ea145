/** How well a score tells two kinds of examples apart. */

import { GalateaError } from "../../core/base/index.ts";

/**
 * The area under the receiver operating characteristic: the chance that a positive example scores above a negative
 * one, a tie counting one half. Exact, by ranks.
 *
 * Units and ranges: 0 to 1; one half for scores that tell nothing.
 * @throws GalateaError `data` when a kind has no example or a score is NaN.
 *
 * Source: Hanley and McNeil, "The meaning and use of the area under a ROC curve" (1982), by the Mann-Whitney statistic.
 */
export function areaUnderRoc(positive: ArrayLike<number>, negative: ArrayLike<number>): number {
  if (positive.length === 0 || negative.length === 0) {
    const seen = `${positive.length} positive and ${negative.length} negative examples`;
    throw new GalateaError("data", "auroc", seen, "each kind needs at least one");
  }
  const all = [
    ...Array.from(positive, (score) => ({ score, isPositive: true })),
    ...Array.from(negative, (score) => ({ score, isPositive: false })),
  ];
  if (all.some(({ score }) => Number.isNaN(score))) {
    throw new GalateaError("data", "auroc", "a score is NaN", "scores must have an order");
  }
  all.sort((a, b) => (a.score < b.score ? -1 : a.score > b.score ? 1 : 0));
  let ranks = 0;
  for (let start = 0; start < all.length; ) {
    let end = start;
    while (end < all.length && all[end].score === all[start].score) end++;
    // Equal scores share the mean of their ranks, which count from 1.
    const rank = (start + 1 + end) / 2;
    for (; start < end; start++) if (all[start].isPositive) ranks += rank;
  }
  const count = positive.length;
  return (ranks - (count * (count + 1)) / 2) / (count * negative.length);
}
