/** The optimizer contract. */

import { formatPlace, GalateaError, layerOfLeaf, leavesOf, nodesInOrder, treeFromLeaves } from "../../core/index.ts";
import { concat, type Tensor, type TensorLike, type TensorTree } from "../../core/trace/index.ts";

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

/** What an update makes of the leaves at one place of its trees; `kind` is what the leaf is in {@link mapTogether}. */
export type Change<Kind> = (leaves: readonly Tensor[], kind: Kind) => readonly Tensor[];

/** Where one leaf is changed as the other. */
export function alike(): true {
  return true;
}

/** Larger leaves are changed by themselves: joining them would take longer than it saves. */
const largestJoined = 4096;

/**
 * Several trees from trees of one structure, leaf by leaf: `change` gets the leaves at one place and gives the leaf of
 * each result. Small leaves of one kind are joined, and changed as one vector, so that a network's many biases take a
 * few operations and not a few each; `change` must therefore work element by element. What it computes is the update
 * stage of the leaf's layer.
 * @param kindOf what of a leaf's path and tensor matters to `change`, compared by identity
 * @throws GalateaError `internal` when a structure differs from the first, naming the first odd leaf.
 */
export function mapTogether<Kind>(
  trees: readonly TensorTree[],
  results: number,
  change: Change<Kind>,
  kindOf: (path: string, leaf: Tensor) => Kind,
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
  const largest = savesMemory([first, ...others].flat()) ? 0 : largestJoined;
  const changed: (readonly Tensor[])[] = [];
  const small = new Map<Kind, number[]>();
  const leavesAt = (i: number): Tensor[] => [first[i].value, ...others.map((leaves) => leaves[i].value)];
  first.forEach(({ path, value }, i) => {
    const kind = kindOf(path, value);
    if (value.size <= largest) {
      small.set(kind, [...(small.get(kind) ?? []), i]);
      return;
    }
    changed[i] = within(undefined, change(within(updateScope(path), leavesAt(i)), kind));
  });
  for (const [kind, places] of small) {
    const scope = places.length === 1 ? updateScope(first[places[0]].path) : updateScope();
    const joined = joinLeaves(places.map((i) => within(scope, leavesAt(i))));
    const parts = within(undefined, change(joined, kind)).map((vector) =>
      cut(
        vector,
        places.map((i) => first[i].value),
      ),
    );
    places.forEach((i, at) => {
      changed[i] = parts.map((part) => part[at]);
    });
  }
  return Array.from({ length: results }, (_, result) =>
    treeFromLeaves<Tensor, Tensor>(
      trees[0],
      changed.map((leaves) => leaves[result]),
    ),
  );
}

/**
 * Whether something is computed twice to save memory (`checkpoint`). What waits for the gradients of all small
 * leaves would keep alive what they are made of.
 */
function savesMemory(leaves: readonly { readonly value: Tensor }[]): boolean {
  return nodesInOrder(leaves.map(({ value }) => value.value)).some(({ op }) => op === "barrier");
}

function within(scope: string | undefined, leaves: readonly Tensor[]): Tensor[] {
  return leaves.map((leaf) => leaf.within(scope));
}

/** Of leaves by place and tree, the vector of each tree. */
function joinLeaves(leaves: readonly (readonly Tensor[])[]): readonly Tensor[] {
  if (leaves.length === 1) return leaves[0];
  return leaves[0].map((_, tree) => concat(leaves.map((at) => at[tree].reshape([-1]))));
}

/** What {@link joinLeaves} has joined, apart again. */
function cut(vector: Tensor, like: readonly Tensor[]): readonly Tensor[] {
  if (like.length === 1) return [vector];
  let start = 0;
  return like.map(({ shape, size }) => {
    const part = vector.slice(0, start, size);
    start += size;
    return part.reshape(shape);
  });
}

/**
 * Refuses an option outside its range.
 * @throws GalateaError `config`.
 */
export function requireOption(where: string, name: string, value: number, holds: boolean, range: string): void {
  if (!holds) throw new GalateaError("config", where, `${name} is ${value}`, `it must be ${range}`);
}
