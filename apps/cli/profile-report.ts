/** A profile as tables for people. */

import { largestShares, nameOfLayer, type StepProfile, type TimeShare } from "../../src/run/index.ts";
import { formatBytes, formatCount, formatTable } from "./text.ts";

/** Files that were written beside the report. */
export interface ProfileFiles {
  readonly picture: string;
  readonly onnx?: string;
}

/** More rows than this are in --json and nowhere else. */
const mostRows = 20;
const mostValues = 12;

const ms = (time: number): string => (time >= 99.95 ? time.toFixed(0) : time.toFixed(2));
const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
/** A cell stays empty where nothing happens. */
const part = (time: number): string => (time === 0 ? "" : ms(time));

/** The profile as text of at most `width` columns. */
export function profileReport(profile: StepProfile, files: ProfileFiles, width: number): string {
  const { time } = profile;
  return [
    ...[heading(profile), facts(profile, width)],
    ...[timeTable("layer", time.byLayer, profile, nameOfLayer), timeTable("op", time.byOp, profile)],
    ...[memoryFacts(profile, width), valuesTable(profile, width)],
    `\npicture ${files.picture}\n`,
    ...(files.onnx === undefined ? [] : [`graph   ${files.onnx}, for Netron (https://netron.app)\n`]),
  ].join("");
}

function heading({ preset, batchSize, stepMs }: StepProfile): string {
  return `${preset}: a training step of ${formatCount(batchSize)} examples takes ${ms(stepMs)} ms\n`;
}

function facts(profile: StepProfile, width: number): string {
  const { backend, steps, recordedStepMs, stepMs, parameterCount, family, compileMs, firstStepMs, time } = profile;
  const slower = stepMs > 0 ? ` (${(recordedStepMs / stepMs).toFixed(2)} times as long)` : "";
  return formatTable(
    [
      ["  on", backend],
      ["  model", `${family}, ${formatCount(parameterCount)} parameters`],
      ["  start", `${ms(compileMs)} ms to trace, compile and initialize, ${ms(firstStepMs)} ms for the first step`],
      ["  measured", `medians of ${formatCount(steps)} steps; while recorded ${ms(recordedStepMs)} ms${slower}`],
      ["  kernels", `${formatCount(time.kernels)} take ${ms(time.kernelMs)} ms, which the shares below are of`],
    ],
    { width },
  );
}

function timeTable(
  title: string,
  all: readonly TimeShare[],
  { time }: StepProfile,
  nameOf: (name: string) => string = (name) => name,
): string {
  const head = [title, "ms", "share", "forward", "backward", "update", "kernels", ""];
  const rows = largestShares(all, mostRows).map((share) => row(nameOf(share.name), share));
  const [forward, backward, update] = (["forward", "backward", "update"] as const).map(
    (stage) => time.byStage.find(({ name }) => name === stage)?.ms ?? 0,
  );
  const { kernelMs, kernels } = time;
  const whole = { name: "total", ms: kernelMs, share: kernelMs > 0 ? 1 : 0, kernels };
  const total = row("total", { ...whole, msByStage: { forward, backward, update } });
  return `\n${formatTable([head, ...rows, total], { right: [1, 2, 3, 4, 5, 6] })}`;
}

function row(name: string, { ms: time, share, kernels, msByStage }: TimeShare): string[] {
  const { forward, backward, update } = msByStage;
  return [name, ms(time), percent(share), part(forward), part(backward), part(update), formatCount(kernels), ""];
}

function memoryFacts({ memory, timeline }: StepProfile, width: number): string {
  const { peakBytes, peakKernel, stateBytes, heldBytes, processBytes } = memory;
  const at = timeline[peakKernel];
  const place = at ? `, at ${at.op} of ${nameOfLayer(at.layer)}, ${at.stage}` : "";
  return `\nmemory\n${formatTable(
    [
      ["  state", `${formatBytes(stateBytes)} of parameters and optimizer`],
      ["  values", `${formatBytes(peakBytes)} alive at the highest${place}`],
      ["  runtime", `holds ${formatBytes(heldBytes)} for values`],
      ["  process", `${formatBytes(processBytes)} at the highest, the data set and Node itself included`],
    ],
    { width },
  )}`;
}

function valuesTable({ memory }: StepProfile, width: number): string {
  if (memory.values.length === 0) return "";
  const head = ["largest values then", "bytes", "share", "shape", "stage", "layer"];
  const rows = memory.values
    .slice(0, mostValues)
    .map(({ op, layer, stage, shape, bytes }) => [
      op,
      formatBytes(bytes),
      percent(bytes / memory.peakBytes),
      `[${shape.join(", ")}]`,
      stage,
      nameOfLayer(layer),
    ]);
  const more = memory.values.length - rows.length;
  const left = memory.values.slice(mostValues).reduce((sum, { bytes }) => sum + bytes, 0);
  const rest = more > 0 ? [[`${formatCount(more)} others`, formatBytes(left), percent(left / memory.peakBytes)]] : [];
  return `\n${formatTable([head, ...rows, ...rest], { width, right: [1, 2] })}`;
}
