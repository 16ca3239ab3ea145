import { expect, test } from "vitest";
import { foldKey, keyFromSeed } from "../../../core/base/index.ts";
import { drawScene } from "./draw-scene.ts";
import { boxOf, captionsOf, makeScene, namedObjects, type Scene, type SceneObject } from "./scene.ts";

const scenes = Array.from({ length: 300 }, (_, i) => makeScene(foldKey(keyFromSeed(7), i), 64));

const thing = (given: Partial<SceneObject>): SceneObject => {
  return { shape: "circle", colour: "red", size: "small", x: 10, y: 20, radius: 5, paint: [200, 0, 0], ...given };
};

test("every scene has two or three things that lie apart, within the image, and differ", () => {
  expect(new Set(scenes.map(({ objects }) => objects.length))).toEqual(new Set([2, 3]));
  for (const { objects } of scenes) {
    expect(new Set(objects.map(({ colour, shape }) => `${colour} ${shape}`)).size).toBe(objects.length);
    for (const one of objects) {
      const { left, top, right, bottom } = boxOf(one);
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
      expect(Math.max(right, bottom)).toBeLessThanOrEqual(64);
      for (const other of objects.filter((each) => each !== one)) {
        const far = [Math.abs(one.x - other.x), Math.abs(one.y - other.y)].sort((a, b) => b - a);
        expect(far[0]).toBeGreaterThanOrEqual(1.5 * far[1]);
        expect(far[0]).toBeGreaterThan(one.radius + other.radius);
      }
    }
  }
});

test("all sizes, colours and shapes occur", () => {
  const words = new Set(scenes.flatMap((scene) => captionsOf(scene).flatMap((caption) => caption.split(" "))));
  const known =
    "a small big red green blue yellow purple black circle square triangle cross left right of above below and";
  expect(words).toEqual(new Set(known.split(" ")));
});

test("the same key gives the same scene; of another size, the same enlarged", () => {
  const key = keyFromSeed(3);
  const [small, large] = [makeScene(key, 32), makeScene(key, 64)];
  expect(makeScene(key, 32)).toEqual(small);
  expect(captionsOf(large)).toEqual(captionsOf(small));
  expect(large.objects[0].x).toBeCloseTo(2 * small.objects[0].x, 6);
});

test("captions are all that is true: each thing first, the others in each order, that of colours and shapes before the rest", () => {
  const [circle, square] = [
    thing({}),
    thing({ shape: "square", colour: "blue", size: "big", x: 40, y: 22, radius: 9 }),
  ];
  const cross = thing({ shape: "cross", colour: "green", x: 12, y: 50 });
  const scene: Scene = { side: 64, background: [255, 255, 255], objects: [circle, square] };
  expect(captionsOf(scene)).toEqual([
    "a small red circle left of a big blue square",
    "a big blue square right of a small red circle",
  ]);
  const three = captionsOf({ ...scene, objects: [circle, cross, square] });
  expect(three).toHaveLength(6);
  expect(captionsOf({ ...scene, objects: [square, cross, circle] })).toEqual(three);
  expect(three[0]).toBe("a small red circle above a small green cross and left of a big blue square");
  expect(three).toContain("a small red circle left of a big blue square and above a small green cross");
});

test("words of a phrase name its thing; a phrase that fits none names none", () => {
  const scene: Scene = {
    side: 64,
    background: [255, 255, 255],
    objects: [thing({}), thing({ shape: "square", colour: "blue", size: "big" })],
  };
  expect(namedObjects("a big blue square right of a small red cross".split(" "), scene)).toEqual([
    undefined,
    1,
    1,
    1,
    undefined,
    undefined,
    undefined,
    "none there",
    "none there",
    "none there",
  ]);
});

test("shapes are drawn where their boxes are, edges smoothed", () => {
  const side = 32;
  const draw = (shape: SceneObject["shape"]): Uint8Array => {
    const one = thing({ shape, x: 12, y: 16, radius: 6, paint: [0, 0, 0] });
    const pixels = new Uint8Array(3 * side * side);
    drawScene({ side, background: [255, 255, 255], objects: [one] }, pixels);
    return pixels;
  };
  const area = (shape: SceneObject["shape"]): number =>
    draw(shape)
      .subarray(0, side * side)
      .reduce((sum, value) => sum + (255 - value) / 255, 0);
  // Of a circle, a square of 12 x 12, a triangle half of that, a cross of arms a third as wide.
  expect(area("circle")).toBeCloseTo(Math.PI * 36, 0);
  expect(area("square")).toBeCloseTo(144, 6);
  expect(Math.abs(area("triangle") - 72)).toBeLessThan(1.5);
  expect(area("cross")).toBeCloseTo((144 * 5) / 9, 0);
  const circle = draw("circle");
  expect(new Set(circle).size).toBeGreaterThan(4);
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [i % side, Math.floor(i / side)];
    if (x < 6 || x >= 18 || y < 10 || y >= 22) expect(circle[i]).toBe(255);
  }
  expect(circle[16 * side + 12]).toBe(0);
});
