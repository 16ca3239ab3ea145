import sharp from "sharp";
import { expect, test } from "vitest";
import { encodeSvg } from "./chart.ts";
import { drawLooks } from "./looks.ts";

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
  expect(greyAt(1, 0.1, 0.1)).toBe(200);
  expect(greyAt(1, 0.1, 0.9)).toBe(200);
  expect(greyAt(1, 0.9, 0.5)).toBe(30);
  expect(greyAt(2, 0.9, 0.9)).toBe(200);
  expect(greyAt(2, 0.1, 0.1)).toBe(30);
  // Between the middles of places it changes evenly.
  expect(greyAt(1, 0.45, 0.5)).toBeGreaterThan(greyAt(1, 0.6, 0.5));
});

test("what does not fit is refused", async () => {
  const looks = [{ word: "a", weights: new Float32Array(3) }];
  const page = { title: "", shape: [1, side, side], image, map, looks };
  await expect(drawLooks(page)).rejects.toThrow("attention: 3 weights for [2, 2]");
  await expect(drawLooks({ ...page, shape: [2, side, side] })).rejects.toThrow("image: 64 values for [2, 8, 8]");
});
