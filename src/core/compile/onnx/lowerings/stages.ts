/** Reductions in two stages: parts of an axis first, then what they give.
 *
 * ONNX Runtime adds float32 numbers one after the other, so that a sum of a hundred thousand is wrong in the
 * fourth digit; and over outer axes its kernels take several times as long as over middle ones. */

import { type Shape, sizeOf } from "../../../base/index.ts";

export interface Stages {
  /** The input's shape with neighbouring axes joined and one of them parted in two. */
  readonly shape: Shape;
  /** The axis of that shape to reduce first. */
  readonly first: number;
  /** The axes to reduce then, counted without the first. */
  readonly rest: readonly number[];
}

/** Neighbouring axes that are all reduced, or all kept. */
interface Run {
  readonly size: number;
  readonly reduced: boolean;
}

/** From so many elements on two stages are the better way, inside the tensor and along its last axes. */
const [longestOuter, longestInner] = [128, 8192];

/** About how many elements a part has. */
const usualPart = 128;

/**
 * How to reduce axes of a shape in two stages; `undefined` where one is better, or the count has no fitting divisor.
 * @param rounds whether the reduction rounds, so that along the last axes, too, two stages are better
 */
export function stagesOf(shape: Shape, axes: readonly number[], rounds: boolean): Stages | undefined {
  const runs = runsOf(shape, axes);
  const at = runs.findLastIndex(({ reduced }) => reduced);
  const isInner = at === runs.length - 1;
  if (sizeOf(shape) === 0 || runs[at].size < (isInner ? longestInner : longestOuter) || (isInner && !rounds)) {
    return undefined;
  }
  const part = partOf(runs[at].size);
  if (part === undefined) return undefined;
  return {
    shape: runs.flatMap(({ size }, i) => (i === at ? [size / part, part] : [size])),
    first: at + 1,
    rest: runs.flatMap(({ reduced }, i) => (reduced ? [i] : [])),
  };
}

function runsOf(shape: Shape, axes: readonly number[]): Run[] {
  const runs: Run[] = [];
  shape.forEach((size, axis) => {
    const reduced = axes.includes(axis);
    const last = runs.at(-1);
    if (last?.reduced === reduced) runs[runs.length - 1] = { size: last.size * size, reduced };
    else runs.push({ size, reduced });
  });
  return runs;
}

/** The divisor of a count that is nearest to the usual size, or to the count's root where that is larger. */
function partOf(count: number): number | undefined {
  const wanted = Math.max(usualPart, Math.sqrt(count));
  const far = (divisor: number): number => Math.abs(Math.log(divisor / wanted));
  let best = 1;
  for (let divisor = 2; divisor * divisor <= count; divisor++) {
    if (count % divisor !== 0) continue;
    for (const part of [divisor, count / divisor]) if (far(part) < far(best)) best = part;
  }
  return best >= 16 && count / best >= 2 ? best : undefined;
}
