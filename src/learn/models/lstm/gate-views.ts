/** Gates and cells of LSTMs, for people to look at. */

import { stack, type Tensor } from "../../../core/trace/index.ts";
import type { LstmSteps } from "../../nn/index.ts";
import type { View } from "../view.ts";

const parts = {
  input: { title: "input gate", range: [0, 1] },
  forget: { title: "forget gate", range: [0, 1] },
  candidate: { title: "candidate", range: [-1, 1] },
  output: { title: "output gate", range: [0, 1] },
  cell: { title: "cell state" },
  hidden: { title: "hidden state", range: [-1, 1] },
} as const satisfies Readonly<Record<keyof LstmSteps, Pick<View, "title" | "range">>>;

/** `forget`, or with a prefix `forwardForget`. */
function nameOf(part: string, prefix: string): string {
  return prefix === "" ? part : `${prefix}${part.slice(0, 1).toUpperCase()}${part.slice(1)}`;
}

/** Views of all parts of an LSTM whose steps are along `rows`. */
export function gateViews<Axis>(
  rows: Axis,
  group: string,
  prefix = "",
): Readonly<
  Record<string, Omit<View, "rows" | "columns"> & { readonly rows: Axis; readonly columns: { kind: "units" } }>
> {
  return Object.fromEntries(
    Object.entries(parts).map(([part, known]) => [
      nameOf(part, prefix),
      { kind: "states", ...known, group, rows, columns: { kind: "units" } },
    ]),
  );
}

/** The numbers that {@link gateViews} describes: of each layer's steps, [B, T, hidden] each, one [B, layers, T, hidden]. */
export function gatesOf(layers: readonly LstmSteps[], prefix = ""): Readonly<Record<string, Tensor>> {
  const names = Object.keys(parts) as (keyof LstmSteps)[];
  return Object.fromEntries(
    names.map((part) => [
      nameOf(part, prefix),
      stack(
        layers.map((steps) => steps[part]),
        1,
      ),
    ]),
  );
}
