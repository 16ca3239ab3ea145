/** From the files that ONNX Runtime writes about runs to a recording: which kernels ran, mapped back to our nodes. */

import { GalateaError, type OnnxModel, type OnnxWiring } from "../../core/index.ts";
import type { RecordedKernel, Recording } from "../../engine/index.ts";
import type { KernelRun, ProfileEvent } from "./kernel-run.ts";
import { type Lineage, lineageOf } from "./recorded-lineage.ts";
import { valuesOf } from "./recorded-values.ts";

const kernelEnding = "_kernel_time";

/** Operators with graphs inside them. */
const containers: ReadonlySet<unknown> = new Set(["Scan", "Loop", "If"]);

export interface RecordFiles {
  /** The graph that ran, inputs before users. */
  readonly optimized: readonly OnnxWiring[];
  /** The runtime's profile, a JSON text. */
  readonly events: string;
}

/**
 * Reads what a session recorded.
 * @param model what the session was made from
 * @throws GalateaError `backend` when the files do not fit together.
 */
export function readRecording(label: string, model: OnnxModel, { optimized: graph, events }: RecordFiles): Recording {
  const all = JSON.parse(events) as readonly ProfileEvent[];
  const runs = runsOf(all, new Set(graph.map(({ name }) => name)));
  const optimized = runs.length === 0 ? graph : inOrderOf(runs[0].kernels, graph);
  for (const { kernels } of runs) {
    const odd = optimized.findIndex(({ name }, i) => kernels[i] === undefined || nameOf(kernels[i].event) !== name);
    if (odd < 0 && kernels.length === optimized.length) continue;
    const seen = `a run had ${kernels.length} kernels, unlike its graph from number ${odd < 0 ? kernels.length : odd}`;
    throw new GalateaError("backend", label, seen, `the graph has ${optimized.length}, each once`);
  }
  const lineage = lineageOf(model, optimized);
  const values = runs.length === 0 ? [] : valuesOf(model, optimized, runs[0].kernels);
  return {
    kernels: optimized.map(({ opType }, i): RecordedKernel => {
      const same = runs.map(({ kernels }) => kernels[i]);
      const origin = lineage.ofNode(i);
      const inner = innerKernels(same, lineage);
      return {
        operator: opType,
        ...(origin && { origin }),
        ms: same.map(({ ms }) => ms),
        values: values[i] ?? [],
        ...(inner.length > 0 && { inner }),
      };
    }),
    runMs: runs.map(({ ms }) => ms),
    heldBytes: Number(runs.at(-1)?.kernels.at(-1)?.event.args.mem_arena_held ?? 0),
  };
}

/** The nodes in the order in which their kernels ran; those that did not stand last. */
function inOrderOf(kernels: readonly KernelRun[], graph: readonly OnnxWiring[]): readonly OnnxWiring[] {
  const places = new Map(kernels.map(({ event }, place) => [nameOf(event), place]));
  const placeOf = ({ name }: OnnxWiring): number => places.get(name) ?? Number.POSITIVE_INFINITY;
  return graph.toSorted((a, b) => (placeOf(a) === placeOf(b) ? 0 : placeOf(a) - placeOf(b)));
}

function nameOf({ name }: ProfileEvent): string {
  return name.slice(0, -kernelEnding.length);
}

interface Run {
  readonly ms: number;
  readonly kernels: readonly KernelRun[];
}

/** Kernels by run. Events stand in the order of their ends: those inside a kernel before it, all of a run before it. */
function runsOf(events: readonly ProfileEvent[], outer: ReadonlySet<string>): Run[] {
  const runs: Run[] = [];
  let kernels: KernelRun[] = [];
  let inside: KernelRun[] = [];
  for (const event of events) {
    if (event.name === "model_run") {
      runs.push({ ms: event.dur / 1000, kernels });
      kernels = [];
      inside = [];
    }
    if (event.cat !== "Node" || !event.name.endsWith(kernelEnding)) continue;
    const isContainer = containers.has(event.args.op_name);
    const inner = isContainer ? inside.filter(({ event: { ts } }) => ts >= event.ts) : [];
    inside = inside.filter((kernel) => !inner.includes(kernel));
    const ms = inner.reduce((own, kernel) => own - kernel.event.dur / 1000, event.dur / 1000);
    (outer.has(nameOf(event)) ? kernels : inside).push({ event, ms: Math.max(0, ms), inner });
  }
  return runs;
}

/** The kernels inside one, by name, summed over each run of it. */
function innerKernels(same: readonly KernelRun[], lineage: Lineage): RecordedKernel[] {
  const byName = new Map<string, { readonly operator: string; readonly ms: number[] }>();
  same.forEach((outer, run) => {
    const add = ({ event, ms, inner }: KernelRun): void => {
      const known = byName.get(nameOf(event));
      const total = known ?? { operator: String(event.args.op_name), ms: new Array<number>(same.length).fill(0) };
      if (!known) byName.set(nameOf(event), total);
      total.ms[run] += ms;
      inner.forEach(add);
    };
    outer.inner.forEach(add);
  });
  return [...byName].map(([name, { operator, ms }]) => {
    const origin = lineage.ofName(name);
    return { operator, ...(origin && { origin }), ms, values: [] };
  });
}
