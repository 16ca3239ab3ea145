/** Who uses what. */

import { nodesInOrder, type Value } from "../../graph/index.ts";

/** How many operands of nodes, and results, each value is that the results reach; an operand given twice counts twice. */
export function usesOf(results: readonly Value[]): Map<Value, number> {
  const uses = new Map<Value, number>();
  const count = (value: Value): void => {
    uses.set(value, (uses.get(value) ?? 0) + 1);
  };
  results.forEach(count);
  for (const { inputs } of nodesInOrder(results)) inputs.forEach(count);
  return uses;
}
