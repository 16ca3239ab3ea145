import { describe, expect, test } from "vitest";
import { grid, rows, sideBySide } from "./grid.ts";
import type { Picture } from "./picture.ts";

/** The picture's first channel, line by line. */
function lines({ width, height, channels, data }: Picture, channel = 0): number[][] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => data[(y * width + x) * channels + channel]),
  );
}

describe("grid", () => {
  test("places, pads, enlarges and leaves the last cells empty", () => {
    const images = new Uint8Array([1, 2, 3, 4, 5, 6]); // three images of [1, 1, 2]
    const picture = grid(images, [3, 1, 1, 2], { columns: 2, padding: 1, scale: 2, background: 9 });
    expect(picture).toMatchObject({ width: 11, height: 7, channels: 1 });
    expect(lines(picture)).toEqual([
      [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9],
      [9, 1, 1, 2, 2, 9, 3, 3, 4, 4, 9],
      [9, 1, 1, 2, 2, 9, 3, 3, 4, 4, 9],
      [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9],
      [9, 5, 5, 6, 6, 9, 9, 9, 9, 9, 9],
      [9, 5, 5, 6, 6, 9, 9, 9, 9, 9, 9],
      [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9],
    ]);
  });

  test("interleaves the channels of colour images", () => {
    const images = new Uint8Array([10, 11, 20, 21, 30, 31]); // [1, 3, 1, 2]
    const picture = grid(images, [1, 3, 1, 2], { padding: 0, scale: 1 });
    expect(picture).toEqual({ width: 2, height: 1, channels: 3, data: new Uint8Array([10, 20, 30, 11, 21, 31]) });
  });

  test("floats go from 0 to 1; those outside are clipped, and NaN is black", () => {
    const images = new Float32Array([0, 1, 0.5, -3, 7, Number.NaN, Number.POSITIVE_INFINITY, 1 / 255]);
    const picture = grid(images, [1, 1, 1, 8], { padding: 0, scale: 1 });
    expect([...picture.data]).toEqual([0, 255, 128, 0, 255, 0, 255, 1]);
  });

  test("64 digits become an 8 x 8 square of a comfortable size", () => {
    const picture = grid(new Float32Array(64 * 784), [64, 1, 28, 28]);
    expect(picture).toMatchObject({ width: 8 * 86 + 2, height: 8 * 86 + 2 });
  });

  test("large images are not enlarged", () => {
    expect(grid(new Uint8Array(3 * 100 * 90), [1, 3, 100, 90], { padding: 0 })).toMatchObject({
      width: 90,
      height: 100,
    });
  });

  test("what is no image is refused", () => {
    expect(() => grid(new Uint8Array(8), [2, 2, 1, 2])).toThrow("images: [2, 2, 1, 2] is not drawable");
    expect(() => grid(new Uint8Array(0), [0, 1, 2, 2])).toThrow("[N, C, H, W] with C 1 or 3");
    expect(() => grid(new Uint8Array(7), [2, 1, 2, 2])).toThrow("images: 7 values for [2, 1, 2, 2]");
    expect(() => grid(new Uint8Array(4), [1, 1, 2, 2], { scale: 1.5 })).toThrow(
      "scale: 1.5 is out of range; a whole number from 1 to 1024",
    );
    expect(() => rows([], [1, 1, 2, 2])).toThrow("there is no batch");
  });
});

test("rows: originals above reconstructions, going on in a second band", () => {
  const options = { columns: 2, padding: 1, scale: 1, background: 0 };
  const picture = rows([new Uint8Array([1, 2, 3]), new Uint8Array([11, 12, 13])], [3, 1, 1, 1], options);
  expect(lines(picture)).toEqual([
    [0, 0, 0, 0, 0],
    [0, 1, 0, 2, 0],
    [0, 0, 0, 0, 0],
    [0, 11, 0, 12, 0],
    [0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 3, 0, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 13, 0, 0, 0],
    [0, 0, 0, 0, 0],
  ]);
});

test("side by side: grey becomes colour beside colour, the shorter one is filled up below", () => {
  const grey: Picture = { width: 1, height: 2, channels: 1, data: new Uint8Array([5, 6]) };
  const colour: Picture = { width: 1, height: 1, channels: 3, data: new Uint8Array([1, 2, 3]) };
  expect(sideBySide([grey, colour], 1, 0)).toEqual({
    width: 3,
    height: 2,
    channels: 3,
    data: new Uint8Array([5, 5, 5, 0, 0, 0, 1, 2, 3, 6, 6, 6, 0, 0, 0, 0, 0, 0]),
  });
  expect(sideBySide([grey, grey], 0)).toMatchObject({ width: 2, height: 2, channels: 1 });
  expect(() => sideBySide([])).toThrow("pictures: there is none");
});
