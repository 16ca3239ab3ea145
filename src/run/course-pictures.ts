/** Pictures of how a run went: its losses as lines, and its samples of the same noise as an animation. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Family } from "../learn/models/index.ts";
import { runPaths } from "./directory.ts";
import { fileError } from "./files.ts";
import { drawPlots, type Line, type LinePanel, writeAnimation } from "./pictures/index.ts";

/** A line of metrics.jsonl. */
interface MetricsLine {
  readonly step: number;
  readonly split: string;
  readonly [metric: string]: number | string;
}

/** More points than the picture is wide are averaged. */
const mostPoints = 400;

/**
 * Losses of all phases on one chart, everything else that was watched on a second.
 * @returns an SVG, or nothing where metrics.jsonl is empty
 */
export async function coursePicture(directory: string, family: Pick<Family, "phases">): Promise<string | undefined> {
  const lines = await readMetrics(runPaths(directory).metrics);
  const names = new Map<string, Line>();
  for (const split of ["train", "validation"]) {
    const own = lines.filter((line) => line.split === split);
    for (const name of Object.keys(own[0] ?? {}).filter((key) => key !== "step" && key !== "split")) {
      const points = own.flatMap((line) => (typeof line[name] === "number" ? [[line.step, line[name]] as const] : []));
      if (points.length > 0) {
        names.set(`${split} ${name}`, { name: split === "train" ? name : `validation ${name}`, points: thin(points) });
      }
    }
  }
  if (names.size === 0) return undefined;
  const lossNames = family.phases.map(({ name }) => (family.phases.length > 1 ? `${name}.loss` : "loss"));
  const isLoss = ({ name }: Line): boolean => lossNames.includes(name);
  const all = [...names.values()];
  const panels: LinePanel[] = [
    { kind: "lines", title: "loss", x: "step", lines: all.filter(isLoss) },
    { kind: "lines", title: "also watched", x: "step", lines: all.filter((line) => !isLoss(line)) },
  ];
  return drawPlots({ title: "How training went", panels: panels.filter(({ lines: drawn }) => drawn.length > 0) });
}

async function readMetrics(path: string): Promise<readonly MetricsLine[]> {
  try {
    const text = await readFile(path, "utf8");
    return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as MetricsLine]));
  } catch (cause) {
    throw fileError("storage", path, "read", cause);
  }
}

/** Means of neighbours. */
function thin(points: Line["points"]): Line["points"] {
  const size = Math.ceil(points.length / mostPoints);
  if (size === 1) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const group = points.slice(i * size, (i + 1) * size);
    const mean = (at: 0 | 1): number => group.reduce((sum, point) => sum + point[at], 0) / group.length;
    return [mean(0), mean(1)] as const;
  });
}

/** Name of the file with samples of a step. */
export function stepPictureName(step: number): string {
  return `step-${String(step).padStart(8, "0")}.png`;
}

/** A long run leaves more pictures than anybody looks at. */
const mostFrames = 100;

/**
 * Joins a run's pictures of samples, which are of the same noise, to an animation.
 * @returns its path, or nothing where there are fewer than two pictures
 */
export async function writeCourse(directory: string): Promise<string | undefined> {
  const folder = runPaths(directory).samples;
  const files = (await readdir(folder).catch(() => [])).filter((name) => /^step-\d+\.png$/.test(name)).sort();
  if (files.length < 2) return undefined;
  const every = Math.ceil(files.length / mostFrames);
  const kept = files.filter((_, i) => (files.length - 1 - i) % every === 0);
  const path = join(folder, "course.webp");
  await writeAnimation(
    path,
    kept.map((name) => join(folder, name)),
  );
  return path;
}
