import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { classifier } from "../learn/models/index.ts";
import { createCpuBackend } from "../platform/node/index.ts";
import { openClassifier } from "./classifier.ts";
import { memoryDataset } from "./data/index.ts";

const backend = createCpuBackend({ threads: 1 });
const folder = mkdtempSync(join(tmpdir(), "galatea-classifier-"));
afterAll(async () => {
  await backend.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const [count, side] = [256, 8];

/** Bars that lie or stand, at any place, on noise. */
function bars(seed: number) {
  const data = new Uint8Array(count * side ** 2);
  const label = new Int32Array(count);
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let i = 0; i < count; i++) {
    label[i] = random(2);
    const place = random(side);
    for (let at = 0; at < side ** 2; at++) {
      const line = label[i] === 0 ? Math.floor(at / side) : at % side;
      data[i * side ** 2 + at] = random(100) + (line === place ? 150 : 0);
    }
  }
  const fields = {
    image: { dtype: "uint8", shape: [1, side, side], data },
    label: { dtype: "int32", shape: [], data: label },
  } as const;
  return { set: memoryDataset("bars", count, fields, ["lying", "standing"]), data, label };
}

test("learns, is kept, and is trained anew when the kept file is damaged", async () => {
  const [train, held] = [bars(1), bars(2)];
  const watched: string[] = [];
  const options = {
    backend,
    train: train.set,
    test: held.set,
    steps: 60,
    cacheFolder: folder,
    onProgress: (_: number, __: number, what: string) => watched.push(what),
  };
  const net = await openClassifier(options);
  // Chance is one half.
  expect(net.accuracy).toBeGreaterThan(0.9);
  expect(watched).toContain("training a classifier");
  const images = { shape: [count, 1, side, side], data: held.data };
  const { features, probabilities } = await net.extract(images);
  expect(features).toMatchObject({ count, size: 128 });
  expect(probabilities?.classes).toBe(2);
  const read = await net.labels(images);
  expect(read.filter((label, i) => label === held.label[i]).length / count).toBe(net.accuracy);
  expect(net.record).toMatchObject({ accuracy: net.accuracy, resize: "none" });

  watched.length = 0;
  const again = await openClassifier(options);
  expect(watched).toEqual([]);
  expect((await again.extract(images)).features.data).toEqual(features.data);
  expect(again.accuracy).toBe(net.accuracy);

  const [file] = readdirSync(join(folder, "classifiers"));
  writeFileSync(join(folder, "classifiers", file), "damaged");
  const anew = await openClassifier(options);
  expect(watched).toContain("training a classifier");
  expect((await anew.extract(images)).features.data).toEqual(features.data);

  await expect(net.extract({ shape: [1, 3, 8, 8], data: new Uint8Array(192) })).rejects.toThrow(
    "classifier: images [1, 3, 8, 8]; it was trained on [1, 1, 8, 8]",
  );
});

test("other examples or seeds are other classifiers", async () => {
  const options = { backend, train: bars(3).set, test: bars(4).set, steps: 1, cacheFolder: join(folder, "more") };
  for (const seed of [0, 1]) await openClassifier({ ...options, seed });
  await openClassifier({ ...options, train: bars(5).set });
  expect(readdirSync(join(folder, "more/classifiers"))).toHaveLength(3);
});

test("refuses data without labels, and images that cannot be halved", async () => {
  const image = { dtype: "uint8", shape: [1, 2, 2], data: new Uint8Array(4) } as const;
  const unlabelled = memoryDataset("photos", 1, { image });
  await expect(openClassifier({ backend, train: unlabelled, test: unlabelled })).rejects.toThrow(
    "photos: its fields are image; features of a trained classifier need images with labels",
  );
  expect(() => classifier({ shape: [1, 1, 1], classes: 2 })).toThrow("classifier: 2 classes of images [1, 1, 1]");
});
