/** Sequences of numbers, and matrices that are made by comparing places. */

import { GalateaError } from "../base/index.ts";
import { range, tensor } from "./functions.ts";
import type { Tensor } from "./tensor.ts";

/** `count` numbers from `first` to `last`, both included, in equal steps. */
export function linspace(first: number, last: number, count: number): Tensor {
  if (!Number.isInteger(count) || count < 0) {
    throw new GalateaError("shape", "", `linspace: ${count} numbers`, "their count is a whole number from 0 up");
  }
  const part = (i: number): number => (count === 1 ? 0 : i / (count - 1));
  // Either end is met exactly.
  const numbers = Array.from({ length: count }, (_, i) => first * (1 - part(i)) + last * part(i));
  return tensor(numbers, [count]);
}

/** Row numbers as a column and column numbers, moved by `offset`, as a row. */
function places(rows: number, columns: number, offset: number): readonly [Tensor, Tensor] {
  return [range(rows, "int32", offset).reshape([rows, 1]), range(columns, "int32").reshape([1, columns])];
}

/**
 * bool [rows, columns], true on and below a diagonal: where column <= row + offset.
 *
 * With offset 0 it is the mask of causal attention, row by column. No constant grows with its size.
 */
export function lowerTriangle(rows: number, columns = rows, offset = 0): Tensor {
  const [row, column] = places(rows, columns, offset + 1);
  return column.less(row);
}

/** bool [rows, columns], true on and above a diagonal: where column >= row + offset. */
export function upperTriangle(rows: number, columns = rows, offset = 0): Tensor {
  const [row, column] = places(rows, columns, offset - 1);
  return row.less(column);
}

/** float32 [rows, columns], 1 on a diagonal, where column = row + offset, and 0 elsewhere. */
export function eye(rows: number, columns = rows, offset = 0): Tensor {
  const [row, column] = places(rows, columns, offset);
  return row.equal(column).cast("float32");
}
