/** Systems of equations over triangular matrices, as matrix products.
 *
 * The matrix is cut into blocks. Those on the diagonal are inverted together, in as many steps as their size has
 * binary digits; then block rows are substituted one after the other. For sizes to 64 that is a few dozen nodes,
 * and the rounding error is that of substitution row by row.
 * Source: Higham, "Accuracy and stability of numerical algorithms" (2002), 14.2, on inverting triangles by blocks. */

import { broadcastShapes, type Shape } from "../../../base/index.ts";
import type { MatmulAttrs } from "../../../graph/index.ts";
import type { Lowering, LoweringContext } from "./lowering.ts";
import { lowerMatmul } from "./matrix-product.ts";

/** Larger blocks take fewer nodes and more arithmetic; 32 was the fastest for 64 x 64 and 256 x 256. */
const largestBlock = 32;

/** A named tensor of float32. */
interface Named {
  readonly name: string;
  readonly shape: Shape;
}

type Context = LoweringContext<"triangularSolve">;

/** alpha op(a) b, where op transposes if asked. */
function product(context: Context, a: Named, b: Named, options: Partial<MatmulAttrs> = {}): Named {
  const attrs: MatmulAttrs = { transposeA: false, transposeB: false, alpha: 1, ...options };
  const leading = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)) ?? [];
  const shape = [...leading, a.shape.at(attrs.transposeA ? -1 : -2) ?? 0, b.shape.at(-1) ?? 0];
  const name = context.onnx.freshName("product");
  const types = [a, b].map((operand) => ({ dtype: "float32", shape: operand.shape }) as const);
  const type = { dtype: "float32", shape } as const;
  lowerMatmul({ ...context, inputs: [a.name, b.name], types, attrs, output: name, type, outputs: [name] });
  return { name, shape };
}

/** Rows, and columns where given, of a stack of matrices: from `start` to before `end`. */
function part({ onnx, path }: Context, x: Named, rows: readonly number[], columns?: readonly number[]): Named {
  const rank = x.shape.length;
  const ranges = columns ? [rows, columns] : [rows];
  if (ranges.every(([start, end], i) => start === 0 && end === x.shape[rank - 2 + i])) return x;
  const axes = ranges.map((_, i) => rank - 2 + i);
  const bounds = [ranges.map(([start]) => start), ranges.map(([, end]) => end), axes];
  const name = onnx.node("Slice", [x.name, ...bounds.map((numbers) => onnx.ints(numbers))], { path });
  return {
    name,
    shape: x.shape.map((size, axis) => (axes.includes(axis) ? sizeOfRange(ranges[axis - axes[0]]) : size)),
  };
}

function sizeOfRange([start, end]: readonly number[]): number {
  return end - start;
}

function joinRows({ onnx, path }: Context, parts: readonly Named[]): Named {
  if (parts.length === 1) return parts[0];
  const [{ shape }] = parts;
  const rank = shape.length;
  const names = parts.map(({ name }) => name);
  const name = onnx.node("Concat", names, { path, attributes: { axis: { int: rank - 2 } } });
  return {
    name,
    shape: shape.with(
      rank - 2,
      parts.reduce((sum, one) => sum + (one.shape.at(-2) ?? 0), 0),
    ),
  };
}

/** The matrix where a condition on row and column holds, elsewhere 0. */
function masked(context: Context, x: Named, holds: (row: number, column: number) => boolean): Named {
  const { onnx, path } = context;
  const size = x.shape.at(-1) ?? 0;
  const mask = Uint8Array.from({ length: size * size }, (_, i) => Number(holds(Math.floor(i / size), i % size)));
  const name = onnx.node("Where", [onnx.constant("bool", [size, size], mask), x.name, onnx.float(0)], { path });
  return { name, shape: x.shape };
}

/**
 * The inverses of lower triangles [..., n, n]. When X inverts all blocks of some size along the diagonal, and C holds
 * the blocks below each second one, then X - X C X inverts the blocks of twice that size.
 */
function inverse(context: Context, triangle: Named): Named {
  const { onnx, path, attrs } = context;
  const size = triangle.shape.at(-1) ?? 0;
  const reciprocal = (): string => onnx.node("Div", [onnx.float(1), triangle.name], { path });
  const ones = (): string => onnx.node("Expand", [onnx.float(1), onnx.ints(triangle.shape)], { path });
  const diagonal = { name: attrs.unitDiagonal ? ones() : reciprocal(), shape: triangle.shape };
  let inverted = masked(context, diagonal, (row, column) => row === column);
  for (let block = 1; block < size; block *= 2) {
    const blockOf = (place: number): number => Math.floor(place / block);
    const below = masked(
      context,
      triangle,
      (row, column) => blockOf(row) % 2 === 1 && blockOf(column) === blockOf(row) - 1,
    );
    const correction = product(context, product(context, inverted, below), inverted, { alpha: -1 });
    inverted = { name: onnx.node("Add", [inverted.name, correction.name], { path }), shape: triangle.shape };
  }
  return inverted;
}

/** Places appended so that blocks are of one size: rows of 0 to the right sides, of 1 to the matrix, as any do. */
function padded({ onnx, path }: Context, x: Named, count: number, isMatrix: boolean): Named {
  if (count === 0) return x;
  const rank = x.shape.length;
  const shape = x.shape.map((size, axis) =>
    axis === rank - 2 || (isMatrix && axis === rank - 1) ? size + count : size,
  );
  const pads = onnx.ints([...x.shape.map(() => 0), ...shape.map((size, axis) => size - x.shape[axis])]);
  return { name: onnx.node("Pad", [x.name, pads, onnx.float(Number(isMatrix))], { path }), shape };
}

function asLower({ onnx, path, attrs, inputs, types }: Context): Named {
  const { shape } = types[0];
  if (attrs.lower) return { name: inputs[0], shape };
  const rank = shape.length;
  const perm = shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  return { name: onnx.node("Transpose", [inputs[0]], { path, attributes: { perm: { ints: perm } } }), shape };
}

/** The inverses of the blocks on the diagonal, computed as one stack. */
function diagonalInverses(context: Context, triangle: Named, block: number): Named[] {
  const { onnx, path } = context;
  const count = (triangle.shape.at(-1) ?? 0) / block;
  if (count === 1) return [inverse(context, triangle)];
  const blocks = Array.from({ length: count }, (_, i) => {
    const range = [i * block, (i + 1) * block];
    return part(context, triangle, range, range);
  });
  const [{ shape }] = blocks;
  const stacked = blocks.map(({ name }) => onnx.reshape(name, [1, ...shape], { path }));
  const all = onnx.node("Concat", stacked, { path, attributes: { axis: { int: 0 } } });
  const inverses = inverse(context, { name: all, shape: [count, ...shape] });
  return blocks.map((_, i) => {
    const index = onnx.constant("int64", [], BigInt64Array.of(BigInt(i)));
    const attributes = { axis: { int: 0 } };
    return { name: onnx.node("Gather", [inverses.name, index], { path, attributes }), shape };
  });
}

export const lowerTriangularSolve: Lowering<"triangularSolve"> = (context) => {
  const { onnx, attrs, inputs, types, output, path } = context;
  const size = types[0].shape.at(-1) ?? 0;
  const count = Math.ceil(size / largestBlock);
  const block = Math.ceil(size / count);
  const missing = count * block - size;
  const triangle = padded(context, asLower(context), missing, true);
  const right = padded(context, { name: inputs[1], shape: types[1].shape }, missing, false);
  const range = (i: number): readonly number[] => [i * block, (i + 1) * block];
  // op(a) is the lower triangle or its transpose; the latter is solved from its last row on.
  const transposeA = attrs.lower === attrs.transpose;

  const inverses = diagonalInverses(context, triangle, block);
  const solved: Named[] = [];
  for (let step = 0; step < count; step++) {
    const i = transposeA ? count - 1 - step : step;
    let rest = part(context, right, range(i));
    if (step > 0) {
      const known = transposeA ? [(i + 1) * block, count * block] : [0, i * block];
      const factor = transposeA ? part(context, triangle, known, range(i)) : part(context, triangle, range(i), known);
      const { name, shape } = product(context, factor, joinRows(context, solved), { transposeA });
      rest = { name: onnx.node("Sub", [rest.name, name], { path }), shape };
    }
    const one = product(context, inverses[i], rest, { transposeA });
    if (transposeA) solved.unshift(one);
    else solved.push(one);
  }
  const { name } = part(context, joinRows(context, solved), [0, size]);
  onnx.node("Identity", [name], { output, path });
};
