import { describe, expect, test } from "vitest";
import { keyFromSeed } from "../../core/base/index.ts";
import { type DataSplits, memoryDataset } from "./dataset.ts";
import { bouncingPath, movingDigits } from "./moving-digits.ts";

const area = 28 * 28;

/** Ten digits: full squares of the value 10 (label + 1), each of its own label. */
function squares(): DataSplits {
  const data = Uint8Array.from({ length: 10 * area }, (_, i) => 10 * (Math.floor(i / area) + 1));
  const image = { dtype: "uint8", shape: [1, 28, 28], data } as const;
  const label = { dtype: "int32", shape: [], data: Int32Array.from({ length: 10 }, (_, i) => i) } as const;
  const all = memoryDataset("squares", 10, { image, label }, [..."0123456789"]);
  return { name: "squares", description: "", train: all, validation: all, test: all, notes: [] };
}

const counts = { train: 40, validation: 10, test: 10 };
const clips = (options = {}): DataSplits => movingDigits("moving", "", squares(), { counts, ...options });
const all = Array.from({ length: 40 }, (_, i) => i);

describe("clips", () => {
  test("hold the whole digit of their label in every frame, moving", async () => {
    const { train } = clips();
    expect(train.fields).toEqual({
      video: { dtype: "uint8", shape: [8, 1, 32, 32] },
      label: { dtype: "int32", shape: [] },
    });
    const { video, label } = (await train.gather(all)) as { video: Uint8Array; label: Int32Array };
    let changed = 0;
    for (let frame = 0; frame < 40 * 8; frame++) {
      const pixels = video.subarray(frame * 1024, (frame + 1) * 1024);
      const value = 10 * (label[Math.floor(frame / 8)] + 1);
      // A digit that left the frame, or ran over its end into the next one, would miss some of its 14 x 14 pixels.
      expect(pixels.filter((pixel) => pixel === value)).toHaveLength(196);
      const columns = Array.from(pixels.keys()).filter((i) => pixels[i] > 0);
      const across = columns.map((i) => i % 32);
      expect(Math.max(...across) - Math.min(...across)).toBe(13);
      if (frame % 8 > 0 && pixels.some((pixel, i) => pixel !== video[(frame - 1) * 1024 + i])) changed++;
    }
    // At 1 pixel in a frame or more, every frame differs from the one before, but where a wall was touched between them.
    expect(changed).toBeGreaterThan(0.95 * 40 * 7);
    expect(new Set(label).size).toBeGreaterThan(5);
  });

  test("are a function of their number and split", async () => {
    const { train, test: held } = clips();
    const whole = (await train.gather(all)).video as Uint8Array;
    const one = (await train.gather([7])).video as Uint8Array;
    expect(one).toEqual(whole.slice(7 * 8192, 8 * 8192));
    expect((await clips().train.gather([7])).video).toEqual(one);
    expect((await held.gather([7])).video).not.toEqual(one);
    // More frames go on where fewer end.
    const longer = (await clips({ frames: 12 }).train.gather([7])).video as Uint8Array;
    expect(longer.slice(0, 8192)).toEqual(one);
    await expect(train.gather([40])).rejects.toThrow("there is no example 40");
  });

  test("of two digits show both, and the label is the first one's", async () => {
    const [{ train: single }, { train: pairs }] = [clips(), clips({ digits: 2 })];
    const [one, two] = [await single.gather(all), await pairs.gather(all)];
    expect(two.label).toEqual(one.label);
    const [a, b] = [one.video as Uint8Array, two.video as Uint8Array];
    expect(b.every((pixel, i) => pixel >= a[i])).toBe(true);
    expect(b.some((pixel, i) => pixel > a[i])).toBe(true);
  });

  test("refuse images of another size, and numbers out of range", () => {
    const image = { dtype: "uint8", shape: [1, 2, 2], data: new Uint8Array(4) } as const;
    const small = memoryDataset("small", 1, { image });
    const splits = { ...squares(), train: small, validation: small, test: small };
    expect(() => movingDigits("moving", "", splits)).toThrow(
      "its images are 1 x 2 x 2; what moves are digits of 28 x 28",
    );
    expect(() => clips({ frames: 0 })).toThrow("frames: is 0; it must be a whole number of at least 1");
  });
});

test("paths keep their speed, which is from 1 to 3 pixels in a frame, and bounce within the frame", () => {
  let bounces = 0;
  for (let seed = 0; seed < 200; seed++) {
    const path = bouncingPath(keyFromSeed(seed), 60);
    for (const { x, y } of path) for (const at of [x, y]) expect(at >= 0 && at <= 18).toBe(true);
    for (const axis of ["x", "y"] as const) {
      const steps = path.slice(1).map((place, t) => Math.abs(place[axis] - path[t][axis]));
      // Where the digit turns around within a step it comes less far.
      const speed = Math.max(...steps);
      expect(speed).toBeLessThan(3);
      for (const [t, step] of steps.entries()) {
        if (Math.abs(step - speed) < 1e-9) continue;
        bounces++;
        const low = Math.min(path[t][axis], path[t + 1][axis]);
        const high = Math.max(path[t][axis], path[t + 1][axis]);
        // To the wall and back is as far as any other step.
        expect(Math.min(low + high, 36 - low - high)).toBeCloseTo(speed, 9);
      }
    }
    const [first, second] = path;
    const inside = path.slice(0, 2).every(({ x, y }) => [x, y].every((at) => at > 3 && at < 15));
    const distance = Math.hypot(second.x - first.x, second.y - first.y);
    if (inside) expect(distance >= 1 && distance <= 3).toBe(true);
  }
  expect(bounces).toBeGreaterThan(1000);
});
