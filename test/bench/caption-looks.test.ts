import { expect, test } from "vitest";
import { countLooks } from "../../bench/rows/caption-scenes.ts";
import type { ExampleInside, Scene } from "../../src/run/index.ts";

const thing = { size: "small", radius: 8, paint: [0, 0, 0] } as const;
const scene: Scene = {
  side: 64,
  background: [255, 255, 255],
  objects: [
    { ...thing, shape: "circle", colour: "red", x: 12, y: 12 },
    { ...thing, shape: "square", colour: "blue", x: 50, y: 12 },
  ],
};

/** Each word with the place of an 8 x 8 map that it looks at, row and column from 0. */
function example(looks: readonly (readonly [word: string, row: number, column: number])[]): ExampleInside {
  const values = new Float32Array(2 * looks.length * 64).fill(0.001);
  for (const [t, [, row, column]] of looks.entries()) {
    // One of two heads looks elsewhere, and less.
    values[t * 64 + 8 * row + column] = 0.9;
    values[(looks.length + t) * 64 + 63] = 0.5;
  }
  const rows = { kind: "tokens", field: "target", labels: looks.map(([word]) => word) } as const;
  const columns = { kind: "map", field: "image", labels: Array(64).fill(""), height: 8, width: 8 } as const;
  const known = { name: "memoryAttention", kind: "attention", title: "", layers: 1, heads: 2 } as const;
  return { inside: [{ ...known, rows, columns, values }] };
}

test("a word that names a thing hits where the pixel that it looks at most lies in the thing's box", () => {
  const found = countLooks(
    example([
      ["a", 7, 7],
      ["small", 1, 1],
      ["red", 1, 1],
      ["circle", 1, 3],
      ["left", 0, 0],
      ["of", 0, 0],
      ["a", 0, 0],
      ["small", 1, 1],
      ["blue", 1, 6],
      ["square", 0, 5],
      ["<eos>", 0, 0],
    ]),
    scene,
  );
  expect(found).toEqual({ colours: [2, 2], shapes: [1, 2], sizes: [1, 2] });
});

test("what is not in the scene is a miss, wherever it looks", () => {
  const found = countLooks(
    example([
      ["small", 1, 1],
      ["green", 1, 1],
      ["circle", 1, 1],
    ]),
    scene,
  );
  expect(found).toEqual({ colours: [0, 1], shapes: [0, 1], sizes: [0, 1] });
});
