/** A profile as a picture: time by layer and by op, and memory over the step. */

import type { Stage } from "../core/index.ts";
import { type AreaStep, type Bar, type ChartPage, drawCharts, type Series, writeSvgPicture } from "./pictures/index.ts";
import type { StepProfile } from "./profile.ts";
import type { TimeShare } from "./step-profile.ts";

const colours: Readonly<Record<Stage, string>> = { forward: "#4e79a7", backward: "#f28e2b", update: "#59a14f" };
const stages: readonly Stage[] = ["forward", "backward", "update"];
const series: readonly Series[] = stages.map((name) => ({ name, colour: colours[name] }));

/** More bars than this are hard to compare. */
const mostBars = 18;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** What a part without a name is called: shapes, losses and metrics belong to no layer. */
export function nameOfLayer(layer: string): string {
  return layer === "" ? "(no layer)" : layer;
}

/** The largest shares, and the others as one. */
export function largestShares(shares: readonly TimeShare[], most: number): TimeShare[] {
  if (shares.length <= most) return [...shares];
  const rest = shares.slice(most - 1);
  const add = (of: (share: TimeShare) => number): number => rest.reduce((sum, share) => sum + of(share), 0);
  const [forward, backward, update] = stages.map((stage) => add(({ msByStage }) => msByStage[stage]));
  const others: TimeShare = {
    name: `${rest.length} others`,
    ms: add(({ ms }) => ms),
    share: add(({ share }) => share),
    kernels: add(({ kernels }) => kernels),
    msByStage: { forward, backward, update },
  };
  return [...shares.slice(0, most - 1), others];
}

function bars(shares: readonly TimeShare[], nameOf: (name: string) => string): Bar[] {
  return largestShares(shares, mostBars).map(({ name, ms, share, msByStage }) => ({
    label: nameOf(name),
    parts: stages.map((stage) => msByStage[stage]),
    note: `${ms.toFixed(2)} ms, ${(100 * share).toFixed(0)}%`,
  }));
}

/**
 * Writes a profile as a PNG file.
 * @returns whether the system has a font; without one the picture has boxes in place of letters
 * @throws GalateaError `storage` when the file cannot be written.
 */
export function writeProfilePicture(path: string, profile: StepProfile): Promise<boolean> {
  return writeSvgPicture(path, drawProfile(profile));
}

function drawProfile(profile: StepProfile): string {
  const { preset, batchSize, backend, steps, stepMs, time, memory } = profile;
  const alive = profile.timeline.map(
    ({ ms, stage, aliveBytes }): AreaStep => ({ width: ms, value: aliveBytes, series: stages.indexOf(stage) }),
  );
  const page: ChartPage = {
    title: `${preset}: a training step of ${batchSize} examples, ${stepMs.toFixed(1)} ms`,
    notes: [
      `${backend}; medians of ${steps} steps; ${time.kernels} kernels take ${time.kernelMs.toFixed(1)} ms`,
      `parameters and optimizer ${megabytes(memory.stateBytes)}, process at most ${megabytes(memory.processBytes)}`,
    ],
    charts: [
      { kind: "bars", title: "Time by layer", series, bars: bars(time.byLayer, nameOfLayer) },
      { kind: "bars", title: "Time by op", series, bars: bars(time.byOp, (name) => name) },
      {
        ...{ kind: "area", title: "Memory of values", series, steps: alive },
        highest: megabytes(memory.peakBytes),
        whole: `${time.kernelMs.toFixed(1)} ms`,
      },
    ],
  };
  return drawCharts(page);
}
