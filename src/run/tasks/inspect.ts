/** Looking inside a trained run: attention, gates and scores for what it is told, or for test examples. */

import { keyFromSeed } from "../../core/base/index.ts";
import type { Dataset } from "../data/index.ts";
import { type ExampleInside, inspectExamples } from "../inside-examples.ts";
import type { Wishes } from "../requests.ts";
import { requireAbility, type TaskOptions, withModel } from "./model-session.ts";

export interface InspectOptions extends TaskOptions {
  readonly seed: number;
  /** What the model is told, and how it answers; where nothing is told, examples are. */
  readonly wishes?: Wishes;
  readonly examples?: Dataset;
  /** How many examples at most. */
  readonly count: number;
  /** What the model reads as its answer, in the place of its own. */
  readonly target?: string;
}

/**
 * What goes on inside a run's model: for one thing that it is told, or for the first examples of a data set.
 * @throws GalateaError `usage` when its family shows nothing, or it is told nothing.
 */
export function inspect(options: InspectOptions): Promise<readonly ExampleInside[]> {
  const { run, seed, count, wishes, examples, target } = options;
  const has = run.family.inspect !== undefined && run.family.views !== undefined;
  requireAbility(run, has, "be looked inside", "name a run with attention or LSTMs, such as of translate or caption");
  return withModel(options, ({ model, parameters }) =>
    inspectExamples({
      model,
      parameters,
      tokenizers: run.tokenizers,
      key: keyFromSeed(seed),
      count,
      ...(wishes && { wishes }),
      ...(examples && { examples }),
      ...(target !== undefined && { target }),
    }),
  );
}

/**
 * An example's inside as plain data for JSON: what was told and answered, and of each map the names along its axes and its
 * values, [layers][heads][rows][columns], to 7 digits.
 */
export function insideToJson({ source, answer, right, inside }: ExampleInside): Readonly<Record<string, unknown>> {
  const maps = inside.map(({ name, kind, title, layers, heads, rows, columns, values }) => {
    const [height, width] = [rows.labels.length, columns.labels.length];
    const nested = Array.from({ length: layers }, (_, layer) =>
      Array.from({ length: heads }, (_, head) =>
        Array.from({ length: height }, (_, row) => {
          const start = ((layer * heads + head) * height + row) * width;
          return Array.from(values.subarray(start, start + width), (value) => Number(value.toPrecision(7)));
        }),
      ),
    );
    return [name, { kind, title, rows, columns, values: nested }] as const;
  });
  return {
    ...(source !== undefined && { source }),
    ...(answer !== undefined && { answer }),
    ...(right !== undefined && { right }),
    inside: Object.fromEntries(maps),
  };
}
