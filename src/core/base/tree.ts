/** Trees: nested plain records and arrays with one kind of leaf, as parameters and batches are kept.
 *
 * Leaves are visited in the order of JavaScript's keys (those that look like integers first, then as
 * written), and a leaf's path joins its keys with
 * dots, as PyTorch names parameters: `encoder.0.weight`. */

import { GalateaError } from "./errors.ts";

/** A nested record or array of leaves `L`. */
export type Tree<L> = L | { readonly [key: string]: Tree<L> } | readonly Tree<L>[];

/** The same tree with every leaf of type `From` replaced by `To`; a tree of unknown structure stays one.
 * A leaf that may be absent stays so. */
export type MapLeaves<T, From, To> = [T] extends [From | undefined]
  ? To
  : [Tree<From>] extends [T]
    ? Tree<To>
    : T extends readonly unknown[] | object
      ? { [K in keyof T]: MapLeaves<T[K], From, To> }
      : T;

export interface Leaf<L> {
  readonly path: string;
  readonly value: L;
}

/**
 * Arrays and records made by `{}` are branches, unless a `dtype` marks the record as a description of one
 * tensor; everything else (numbers, typed arrays, class instances) is a leaf.
 */
function isBranch(node: unknown): node is Record<string, unknown> | unknown[] {
  if (Array.isArray(node)) return true;
  if (node === null || typeof node !== "object" || "dtype" in node) return false;
  const prototype = Object.getPrototypeOf(node) as unknown;
  return prototype === Object.prototype || prototype === null;
}

function join(prefix: string, key: string): string {
  return prefix === "" ? key : `${prefix}.${key}`;
}

/** Every leaf with its path, in order. */
export function leavesOf<L>(tree: Tree<L>, prefix = ""): Leaf<L>[] {
  if (!isBranch(tree)) return [{ path: prefix, value: tree as L }];
  return Object.entries(tree).flatMap(([key, child]) => leavesOf(child as Tree<L>, join(prefix, key)));
}

/** A tree of the same structure with each leaf replaced. */
export function mapTree<A, B>(tree: Tree<A>, change: (leaf: A, path: string) => B, prefix = ""): Tree<B> {
  if (!isBranch(tree)) return change(tree as A, prefix);
  if (Array.isArray(tree)) {
    return tree.map((child, index) => mapTree(child as Tree<A>, change, join(prefix, String(index))));
  }
  return Object.fromEntries(
    Object.entries(tree).map(([key, child]) => [key, mapTree(child as Tree<A>, change, join(prefix, key))]),
  );
}

/**
 * A tree of the structure of `like` whose leaves are `leaves`, in order.
 * @throws GalateaError `internal` when the counts differ.
 */
export function treeFromLeaves<A, B>(like: Tree<A>, leaves: readonly B[]): Tree<B> {
  let next = 0;
  const tree = mapTree<A, B>(like, () => leaves[next++]);
  if (next !== leaves.length) {
    throw new GalateaError("internal", "tree", `${leaves.length} leaves for a structure of ${next}`);
  }
  return tree;
}
