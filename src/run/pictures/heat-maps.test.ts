import sharp from "sharp";
import { expect, test } from "vitest";
import { encodeSvg } from "./chart.ts";
import { heatColour } from "./heat.ts";
import { drawHeatMaps, type HeatMap } from "./heat-maps.ts";

const map = (given: Partial<HeatMap>): HeatMap => ({
  title: "a map",
  rows: ["one", "two"],
  columns: ["eins", "zwei", "<s>"],
  values: Float32Array.of(0, 0.5, 1, 1, 0, 0.25),
  range: [0, 1],
  ...given,
});

/** Where the picture of a map's cells lies in the drawing. */
function placeOf(svg: string): readonly number[] {
  const found = /<image x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/.exec(svg);
  return (found ?? []).slice(1).map(Number);
}

test("cells have the colours of their values, rows from the top; names stand on both axes", async () => {
  const svg = await drawHeatMaps({ title: "page", lines: [[map({})]] });
  for (const name of ["page", "a map", "one", "two", "eins", "zwei", "&lt;s&gt;"]) expect(svg).toContain(`>${name}<`);
  const [x, y, width, height] = placeOf(svg);
  const { data, info } = await sharp(await encodeSvg(svg))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const colourAt = (row: number, column: number): readonly number[] => {
    const [left, top] = [x + ((column + 0.5) * width) / 3, y + ((row + 0.5) * height) / 2].map(Math.floor);
    const pixel = (top * info.width + left) * info.channels;
    return Array.from(data.subarray(pixel, pixel + 3));
  };
  for (const [i, value] of [0, 0.5, 1, 1, 0, 0.25].entries()) {
    expect(colourAt(Math.floor(i / 3), i % 3)).toEqual([...heatColour(value)]);
  }
});

test("panels of a line stand beside one another, lines below", async () => {
  const svg = await drawHeatMaps({ title: "", lines: [[map({}), map({})], [map({})]] });
  const places = [...svg.matchAll(/<image x="([\d.]+)" y="([\d.]+)"/g)].map((found) => found.slice(1).map(Number));
  expect(places).toHaveLength(3);
  expect(places[1][0]).toBeGreaterThan(places[0][0]);
  expect(places[1][1]).toBe(places[0][1]);
  expect(places[2][0]).toBe(places[0][0]);
  expect(places[2][1]).toBeGreaterThan(places[0][1]);
});

test("names that would overlap are left out, long ones cut, empty ones take no room", async () => {
  const count = 300;
  const names = Array.from({ length: count }, (_, i) => `n${i}`);
  const long = map({
    rows: ["a name that is longer than any name should ever be"],
    columns: names,
    values: new Float32Array(count),
  });
  const svg = await drawHeatMaps({ title: "", lines: [[long]] });
  expect(svg).toContain(">a name that is longer than any name sho…<");
  expect(svg).toContain(">n0<");
  expect(svg).not.toContain(">n1<");
  const bare = await drawHeatMaps({ title: "", lines: [[map({ title: "", rows: ["", ""] })]] });
  expect(placeOf(bare)[0]).toBe(24);
});

test("values that do not fit the names are refused", async () => {
  const wrong = map({ values: new Float32Array(5) });
  await expect(drawHeatMaps({ title: "", lines: [[wrong]] })).rejects.toThrow("heat map: 5 values for [2, 3]");
});
