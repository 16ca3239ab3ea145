/** Which values a rewrite already has with their channels in blocks. */

import { sizeOf } from "../../base/index.ts";
import type { Value } from "../../graph/index.ts";
import { type Blocked, fromBlocked, plainShape, roundUp, toBlocked } from "./blocked-layout.ts";
import { pad, reshape } from "./layout-nodes.ts";

export interface BlockedValues {
  readonly block: number;
  /** The blocks that a plain value was made from. */
  find(x: Value): Blocked | undefined;
  /** A value with the channels of an axis in blocks, with zeros for the channels that the last block lacks. */
  blocked(x: Value, axis: number, path: string): Value;
  /** The plain value that stands for blocks. As long as nobody uses it, it costs nothing. */
  plain(blocked: Blocked, path: string): Value;
}

export function blockedValues(block: number): BlockedValues {
  const sources = new Map<Value, Blocked>();
  const converted = new Map<Value, Map<number, Value>>();
  return {
    block,
    find: (x) => sources.get(x),
    blocked: (x, axis, path) => {
      const source = sources.get(x);
      if (source?.axis === axis) return source.value;
      const known = converted.get(x) ?? new Map<number, Value>();
      converted.set(x, known);
      const channels = x.shape[axis];
      const value =
        known.get(axis) ?? toBlocked(pad(x, axis, 0, roundUp(channels, block) - channels, path), axis, block, path);
      known.set(axis, value);
      return value;
    },
    plain: (blocked, path) => {
      const { value, axis } = blocked;
      // Without axes after the channels, blocks are the plain tensor under another shape.
      if (sizeOf(value.shape.slice(axis + 1, -1)) === 1) return reshape(value, plainShape(blocked), path);
      const x = fromBlocked(blocked, path);
      sources.set(x, blocked);
      return x;
    },
  };
}
