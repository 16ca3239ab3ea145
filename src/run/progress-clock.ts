/** Speed, time left and smoothed loss, for people. */

import type { ProgressEvent } from "./events.ts";

export interface ProgressClock {
  /** A step has ended; gives an event when the last one is long enough ago. */
  tick(step: number, loss: number): ProgressEvent | undefined;
  /** Between `pause` and `resume` time does not count as training: pictures and judging. */
  pause(): void;
  resume(): void;
  /** Wall time since the start, pauses included. */
  seconds(): number;
}

const intervalMs = 250;
/** Share of the old value that a step keeps in the smoothed loss. */
const smoothing = 0.98;

/** @param now milliseconds */
export function progressClock(now: () => number, fromStep: number, steps: number): ProgressClock {
  const start = now();
  let idleMs = 0;
  let pausedAt = 0;
  let lastEvent = Number.NEGATIVE_INFINITY;
  let smoothed = Number.NaN;
  return {
    tick: (step, loss) => {
      smoothed = Number.isNaN(smoothed) ? loss : smoothing * smoothed + (1 - smoothing) * loss;
      const time = now();
      if (time - lastEvent < intervalMs && step !== steps) return undefined;
      lastEvent = time;
      const stepsPerSecond = (1000 * (step - fromStep)) / Math.max(1, time - start - idleMs);
      const secondsLeft = (steps - step) / stepsPerSecond;
      return { type: "progress", step, steps, loss: smoothed, stepsPerSecond, secondsLeft };
    },
    pause: () => {
      pausedAt = now();
    },
    resume: () => {
      idleMs += now() - pausedAt;
    },
    seconds: () => (now() - start) / 1000,
  };
}
