/** The optimizer contract. */

import { formatPlace, GalateaError, layerOfLeaf, leavesOf, treeFromLeaves } from "../../core/index.ts";
import type { Tensor, TensorLike, TensorTree } from "../../core/trace/index.ts";

export interface UpdateArguments<T extends TensorTree, S extends TensorTree> {
  /** Trained leaves only, all float32. */
  readonly parameters: T;
  /** Of the parameters' structure. */
  readonly gradients: T;
  readonly state: S;
  /** How many updates came before: uint32 scalar. */
  readonly step: Tensor;
  /** A float32 scalar, above 0. */
  readonly learningRate: TensorLike;
}

/** A rule that moves parameters: pure, traced, its memory passed in and out. */
export interface Optimizer<S extends TensorTree = TensorTree> {
  /** The state before the first update; it depends on shapes alone. */
  init(parameters: TensorTree): S;
  update<T extends TensorTree>(args: UpdateArguments<T, S>): { readonly parameters: T; readonly state: S };
}

/** The scope of what is computed to update a leaf: the update stage of its layer, or of none. */
export function updateScope(path = ""): string {
  return formatPlace({ layer: layerOfLeaf(path), stage: "update" });
}

/**
 * Several trees from trees of one structure, leaf by leaf: `change` gets the leaves at one place and gives
 * the leaf of each result. What it computes is the update stage of the leaf's layer.
 * @throws GalateaError `internal` when a structure differs from the first, naming the first odd leaf.
 */
export function mapTogether(
  trees: readonly TensorTree[],
  results: number,
  change: (leaves: readonly Tensor[], path: string) => readonly Tensor[],
): TensorTree[] {
  const [first, ...others] = trees.map((tree) => leavesOf<Tensor>(tree));
  for (const other of others) {
    const at = Array.from({ length: Math.max(first.length, other.length) }, (_, i) => i).find(
      (i) => first[i]?.path !== other[i]?.path,
    );
    if (at !== undefined) {
      const names = [first[at], other[at]].map((leaf) => leaf?.path ?? "nothing");
      throw new GalateaError("internal", "optim", `trees differ, ${names.join(" and ")}`, "one structure is needed");
    }
  }
  const changed = first.map(({ path, value }, i) => {
    const scope = updateScope(path);
    const together = [value, ...others.map((leaves) => leaves[i].value)].map((leaf) => leaf.within(scope));
    return change(together, path).map((leaf) => leaf.within(undefined));
  });
  return Array.from({ length: results }, (_, result) =>
    treeFromLeaves<Tensor, Tensor>(
      trees[0],
      changed.map((leaves) => leaves[result]),
    ),
  );
}

/**
 * Refuses an option outside its range.
 * @throws GalateaError `config`.
 */
export function requireOption(where: string, name: string, value: number, holds: boolean, range: string): void {
  if (!holds) throw new GalateaError("config", where, `${name} is ${value}`, `it must be ${range}`);
}
