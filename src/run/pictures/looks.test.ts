import sharp from "sharp";
import { expect, test } from "vitest";
import { encodeSvg } from "./chart.ts";
import { attentionOverPixels, drawLooks } from "./looks.ts";

const [side, map] = [8, [2, 2] as const];
const image = new Uint8Array(side * side).fill(200);

test("the image stands once as it is and once for each word, bright where the word looked", async () => {
  const looks = [
    { word: "left", weights: Float32Array.of(0.5, 0, 0.5, 0) },
    { word: "<end>", weights: Float32Array.of(0, 0, 0, 1) },
  ];
  const svg = await drawLooks({ title: "what it says", shape: [1, side, side], image, map, looks });
  for (const word of ["what it says", "left", "&lt;end&gt;"]) expect(svg).toContain(`>${word}<`);
  const places = [...svg.matchAll(/<image x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"/g)].map((found) =>
    found.slice(1).map(Number),
  );
  expect(places).toHaveLength(3);
  const { data, info } = await sharp(await encodeSvg(svg))
    .raw()
    .toBuffer({ resolveWithObject: true });
  /** Grey of a panel at a share of its width and height. */
  const greyAt = (panel: number, across: number, down: number): number => {
    const [x, y, width] = places[panel];
    return data[(Math.floor(y + down * width) * info.width + Math.floor(x + across * width)) * info.channels];
  };
  expect(greyAt(0, 0.1, 0.1)).toBe(200);
  expect(greyAt(0, 0.9, 0.9)).toBe(200);
  // Two places alike: most between them, and on the other side as a Gaussian falls.
  expect(greyAt(1, 0.25, 0.5)).toBeGreaterThan(195);
  expect(greyAt(1, 0.25, 0.9)).toBeLessThan(greyAt(1, 0.25, 0.5));
  expect(greyAt(1, 0.75, 0.5)).toBeGreaterThan(100);
  expect(greyAt(1, 0.75, 0.5)).toBeLessThan(160);
  expect(greyAt(2, 0.75, 0.75)).toBeGreaterThan(195);
  expect(greyAt(2, 0.25, 0.25)).toBeLessThan(greyAt(2, 0.75, 0.25));
});

test("attention over pixels is a Gaussian about the middle of each place", () => {
  const weights = new Float32Array(9);
  weights[1] = 0.75;
  weights[5] = 0.25;
  const [height, width] = [6, 12];
  const light = attentionOverPixels(weights, [3, 3], [height, width]);
  // Places of 2 x 4 pixels: middles at rows 1 and 3, columns 6 and 10.
  const expected = Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width) + 0.5, (i % width) + 0.5];
    const about = (row: number, column: number): number =>
      Math.exp(-(((y - row) / 2) ** 2 + ((x - column) / 4) ** 2) / 2);
    return 0.75 * about(1, 6) + 0.25 * about(3, 10);
  });
  const highest = Math.max(...expected);
  for (const [i, value] of light.entries()) expect(value).toBeCloseTo(expected[i] / highest, 5);
  expect(attentionOverPixels(new Float32Array(4), [2, 2], [2, 2])).toEqual(new Float32Array(4));
});

test("what does not fit is refused", async () => {
  const looks = [{ word: "a", weights: new Float32Array(3) }];
  const page = { title: "", shape: [1, side, side], image, map, looks };
  await expect(drawLooks(page)).rejects.toThrow("attention: 3 weights for [2, 2]");
  await expect(drawLooks({ ...page, shape: [2, side, side] })).rejects.toThrow("image: 64 values for [2, 8, 8]");
});
