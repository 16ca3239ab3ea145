import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { graphOf } from "../../../test/golden/show-pass.ts";
import { evaluateConstants, type HostValue, hostValue, interpret } from "../../engine/interpreter/index.ts";
import { type Shape, sizeOf, stridesOf } from "../base/index.ts";
import { optimize } from "../compile/index.ts";
import { nodesOf } from "../graph/index.ts";
import { einsum } from "./einsum.ts";
import { tensor } from "./functions.ts";
import type { Tensor } from "./tensor.ts";

/** How often each op stands in the optimized graph, but for reshapes, which cost nothing. */
function opsOf(equation: string, ...shapes: Shape[]): Record<string, number> {
  const types = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, shape]));
  const graph = optimize(
    graphOf(types, (inputs) => einsum(equation, ...Object.values<Tensor>(inputs))),
    evaluateConstants,
  );
  const counts: Record<string, number> = {};
  for (const { op } of nodesOf(graph)) {
    if (op !== "input" && op !== "reshape" && op !== "constant") counts[op] = (counts[op] ?? 0) + 1;
  }
  return counts;
}

/** Sums over all places of all letters: what an equation without an ellipsis means. */
function naive(equation: string, operands: readonly HostValue[], sizes: ReadonlyMap<string, number>): number[] {
  const [left, right] = equation.split("->");
  const letters = [...new Set(equation.match(/[a-z]/g))];
  const extent = letters.map((letter) => sizes.get(letter) as number);
  const offset = (term: string, at: readonly number[]): number => {
    const strides = stridesOf([...term].map((letter) => sizes.get(letter) as number));
    return [...term].reduce((sum, letter, axis) => sum + strides[axis] * at[letters.indexOf(letter)], 0);
  };
  const strides = stridesOf(extent);
  const out = new Array<number>(sizeOf([...right].map((letter) => sizes.get(letter) as number))).fill(0);
  for (let place = 0; place < sizeOf(extent); place++) {
    const at = extent.map((size, axis) => Math.floor(place / strides[axis]) % size);
    const product = left.split(",").reduce((value, term, i) => value * operands[i].data[offset(term, at)], 1);
    out[offset(right, at)] += product;
  }
  return out;
}

function evaluate(equation: string, operands: readonly HostValue[]): HostValue {
  const types = Object.fromEntries(operands.map((value, i) => [`x${i}`, value]));
  return interpret(
    graphOf(types, (inputs) => einsum(equation, ...Object.values<Tensor>(inputs))),
    operands,
  )[0];
}

/** Whole numbers, whose sums are exact. */
function numbers(shape: Shape, seed: number): HostValue {
  return hostValue(
    "float32",
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7 + seed * 3) % 11) - 5),
  );
}

describe("one matrix product and no needless transpose", () => {
  test.each<readonly [string, readonly Shape[], Record<string, number>]>([
    [
      "ij,jk->ik",
      [
        [2, 3],
        [3, 4],
      ],
      { matmul: 1 },
    ],
    [
      "ij,kj->ik",
      [
        [2, 3],
        [4, 3],
      ],
      { matmul: 1 },
    ],
    [
      "ji,jk->ki",
      [
        [3, 2],
        [3, 4],
      ],
      { matmul: 1 },
    ],
    [
      "bij,bjk->bik",
      [
        [5, 2, 3],
        [5, 3, 4],
      ],
      { matmul: 1 },
    ],
    [
      "bhqd,bhkd->bhqk",
      [
        [2, 3, 4, 5],
        [2, 3, 6, 5],
      ],
      { matmul: 1 },
    ],
    [
      "bhqk,bhkd->bhqd",
      [
        [2, 3, 4, 6],
        [2, 3, 6, 5],
      ],
      { matmul: 1 },
    ],
    ["ij,j->i", [[2, 3], [3]], { matmul: 1 }],
    ["i,ij->j", [[2], [2, 3]], { matmul: 1 }],
    ["i,j->ij", [[2], [3]], { matmul: 1 }],
    ["i,j->ji", [[2], [3]], { matmul: 1 }],
    ["i,i->", [[3], [3]], { matmul: 1 }],
    [
      "btc,co->bto",
      [
        [2, 3, 4],
        [4, 5],
      ],
      { matmul: 1 },
    ],
    [
      "btc,oc->bto",
      [
        [2, 3, 4],
        [5, 4],
      ],
      { matmul: 1 },
    ],
    [
      "btc,bto->co",
      [
        [2, 3, 4],
        [2, 3, 5],
      ],
      { matmul: 1 },
    ],
    [
      "bthd,hdo->bto",
      [
        [2, 3, 4, 5],
        [4, 5, 6],
      ],
      { matmul: 1 },
    ],
    [
      "btc,chd->bthd",
      [
        [2, 3, 4],
        [4, 5, 6],
      ],
      { matmul: 1 },
    ],
    [
      "...ij,jk->...ik",
      [
        [2, 3, 4, 5],
        [5, 6],
      ],
      { matmul: 1 },
    ],
    [
      "...ij,...jk->...ik",
      [
        [2, 3, 4, 5],
        [2, 3, 5, 6],
      ],
      { matmul: 1 },
    ],
    // Heads stand behind time: each operand is transposed once.
    [
      "bqhd,bkhd->bhqk",
      [
        [2, 3, 4, 5],
        [2, 6, 4, 5],
      ],
      { matmul: 1, transpose: 2 },
    ],
    [
      "bhqk,bkhd->bqhd",
      [
        [2, 4, 3, 6],
        [2, 6, 4, 5],
      ],
      { matmul: 1, transpose: 2 },
    ],
    // No row is used twice: a product of matrices would be many of a row by a column.
    [
      "bi,bi->b",
      [
        [2, 3],
        [2, 3],
      ],
      { mul: 1, reduceSum: 1 },
    ],
    [
      "bi,bi->bi",
      [
        [2, 3],
        [2, 3],
      ],
      { mul: 1 },
    ],
    ["ij,j->ij", [[2, 3], [3]], { mul: 1 }],
    [
      "ij,ji->ij",
      [
        [2, 3],
        [3, 2],
      ],
      { mul: 1, transpose: 1 },
    ],
    ["i,->i", [[3], []], { mul: 1 }],
    ["ij->ji", [[2, 3]], { transpose: 1 }],
    ["ij->", [[2, 3]], { reduceSum: 1 }],
    ["ij->ij", [[2, 3]], {}],
    ["ii->i", [[3, 3]], { slice: 1 }],
    [
      "ij,jk,kl->il",
      [
        [2, 3],
        [3, 4],
        [4, 5],
      ],
      { matmul: 2 },
    ],
  ])("%s", (equation, shapes, counts) => {
    expect(opsOf(equation, ...shapes)).toEqual(counts);
  });
});

describe("values", () => {
  test("any equation over one to three operands", () => {
    const letter = fc.constantFrom("a", "b", "c", "d", "e");
    const term = fc.uniqueArray(letter, { maxLength: 4 }).map((letters) => letters.join(""));
    const terms = fc.array(term, { minLength: 1, maxLength: 3 });
    const extents = fc.array(fc.constantFrom(1, 2, 3, 3), { minLength: 5, maxLength: 5 });
    const seeds = fc.tuple(terms, extents, fc.nat());
    fc.assert(
      fc.property(seeds, ([list, extent, order]) => {
        const used = [...new Set(list.join(""))];
        const turned = [...used.slice(order % 5), ...used.slice(0, order % 5).reverse()];
        const output = turned.filter((_, i) => (order >> i) % 3 > 0).join("");
        const equation = `${list.join(",")}->${output}`;
        const sizes = new Map(used.map((one) => [one, extent["abcde".indexOf(one)]]));
        const operands = list.map((one, i) =>
          numbers(
            [...one].map((name) => sizes.get(name) as number),
            i,
          ),
        );
        const seen = evaluate(equation, operands);
        const expected = naive(equation, operands, sizes);
        // Adding 0 makes -0, which a product may be, 0.
        expect([equation, ...seen.data.map((x) => x + 0)]).toEqual([equation, ...expected]);
      }),
      { numRuns: 400, seed: 7 },
    );
  });
  test("repeated letters are diagonals", () => {
    const x = numbers([3, 3], 1);
    const sizes = new Map([
      ["i", 3],
      ["j", 2],
    ]);
    for (const equation of ["ii->i", "ii->"])
      expect([...evaluate(equation, [x]).data]).toEqual(naive(equation, [x], sizes));
    const pair = [numbers([3, 2, 3], 2), numbers([2, 3], 3)];
    expect([...evaluate("iji,ji->j", pair).data]).toEqual(naive("iji,ji->j", pair, sizes));
  });
  test("an ellipsis broadcasts, from the last of its axes on", () => {
    const a = numbers([2, 1, 2, 3], 1);
    const b = numbers([4, 3, 2], 2);
    const full = evaluate("abij,bjk->abik", [hostValue("float32", [2, 4, 2, 3], repeated(a, 4)), b]);
    expect(evaluate("...ij,...jk->...ik", [a, b])).toEqual(full);
    expect(evaluate("...ij,...jk", [a, b])).toEqual(full);
    expect(evaluate("...i->...", [a]).shape).toEqual([2, 1, 2]);
    expect(evaluate("i...->i...", [a]).shape).toEqual([2, 1, 2, 3]);
    expect(evaluate("...,...->...", [numbers([3], 1), numbers([2, 1], 2)]).shape).toEqual([2, 3]);
  });
  test("without an arrow the letters that occur once, in the alphabet's order", () => {
    const pair = [numbers([2, 3], 1), numbers([3, 4], 2)];
    expect(evaluate("ij,jk", pair)).toEqual(evaluate("ij,jk->ik", pair));
    expect(evaluate("ba", [pair[0]])).toEqual(evaluate("ba->ab", [pair[0]]));
    expect(evaluate(" i j , j k -> i k ", pair)).toEqual(evaluate("ij,jk->ik", pair));
  });
  test("axes of size 0 and scalars", () => {
    expect(evaluate("ij,jk->ik", [numbers([2, 0], 1), numbers([0, 3], 2)])).toEqual(
      hostValue("float32", [2, 3], [0, 0, 0, 0, 0, 0]),
    );
    expect(evaluate("ij,jk->ik", [numbers([0, 2], 1), numbers([2, 3], 2)]).shape).toEqual([0, 3]);
    expect([...evaluate(",->", [numbers([], 1), numbers([], 3)]).data]).toEqual([-2 * 4]);
    expect([...evaluate("->", [numbers([], 1)]).data]).toEqual([-2]);
  });
  test("integers multiply where no matrix product is needed", () => {
    const n = hostValue("int32", [2], [3, 4]);
    expect(evaluate("i,i->i", [n, n])).toEqual(hostValue("int32", [2], [9, 16]));
  });
});

/** Each [1, 2, 3] block of [2, 1, 2, 3] so many times. */
function repeated({ data }: HostValue, times: number): number[] {
  return [0, 1].flatMap((block) =>
    Array.from({ length: times }, () => [...data.slice(block * 6, block * 6 + 6)]).flat(),
  );
}

describe("errors", () => {
  const matrix = tensor([1, 2, 3, 4, 5, 6], [2, 3]);
  const readable = "write letters and at most one ellipsis for each operand, as in ...ij,jk->...ik";
  test.each([
    ["i1->i", [matrix], `cannot be read; ${readable}`],
    ["ij->i->j", [matrix], `cannot be read; ${readable}`],
    ["...i...->i", [matrix], `cannot be read; ${readable}`],
    ["ij,jk->ik", [matrix], "got 1 operands; it has 2 terms"],
    ["ijk->i", [matrix], "ijk for [2, 3]; it must have one letter for each axis"],
    ["i->i", [matrix], "i for [2, 3]; it must have one letter for each axis"],
    ["ij,jk->ik", [matrix, matrix], "j is 3 and 2; equal names have equal sizes"],
    ["...,...->...", [matrix, tensor([1, 2], [2])], "an axis of the ellipsis is 3 and 2; equal names have equal sizes"],
    ["ij->ii", [matrix], "a letter stands twice on the right; name each axis once"],
    ["ij->ik", [matrix], "k stands only on the right; an operand must have it"],
  ] as const)("%s", (equation, operands, message) => {
    expect(() => einsum(equation, ...operands)).toThrow(`einsum "${equation}": ${message}`);
  });
});
