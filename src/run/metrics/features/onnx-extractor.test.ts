import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { encodeModel, lowerGraph, type Tensor, type TensorType, trace } from "../../../core/index.ts";
import type { LoadedModel, ModelValue } from "../../../engine/index.ts";
import { loadOnnxModel } from "../../../platform/node/index.ts";
import { onnxExtractor } from "../index.ts";

const folder = mkdtempSync(join(tmpdir(), "galatea-features-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A function of images as an ONNX file. */
function fileOf(name: string, type: TensorType, fn: (x: Tensor) => Tensor | readonly Tensor[]): string {
  const { graph } = trace({ x: type }, ({ x }) => fn(x as unknown as Tensor) as never);
  const path = join(folder, name);
  writeFileSync(path, encodeModel(lowerGraph(graph, { contrib: false }, name)));
  return path;
}

const float = (...shape: number[]): TensorType => ({ dtype: "float32", shape });
const bytes = (...shape: number[]): TensorType => ({ dtype: "uint8", shape });

describe("onnxExtractor", () => {
  test("means of channels, more images than the file's batch: [N, C, H, W], grey as RGB, values from 0 to 1", async () => {
    const path = fileOf("means.onnx", float(2, 3, 4, 4), (x) => x.mul(2));
    const model = await loadOnnxModel(path, { threads: 1 });
    const extractor = onnxExtractor({ model });
    const data = new Uint8Array(3 * 16).map((_, i) => [0, 51, 255][Math.floor(i / 16)]);
    const { features } = await extractor.extract({ shape: [3, 1, 4, 4], data });
    expect(features).toMatchObject({ count: 3, size: 3 });
    const expected = [0, 0, 0, 0.4, 0.4, 0.4, 2, 2, 2];
    for (const [i, value] of expected.entries()) expect(features.data[i]).toBeCloseTo(value, 6);
    expect(extractor.record).toMatchObject({ name: "means.onnx", range: "unit" });
    expect(extractor.record.sha256).toMatch(/^[0-9a-f]{64}$/);
    await model.dispose();
  });
  test("resizing keeps a constant image; ranges; channels last", async () => {
    const path = fileOf("last.onnx", float(1, 8, 8, 1), (x) => x.reshape([1, 64]));
    const model = await loadOnnxModel(path, { threads: 1 });
    const extractor = onnxExtractor({ model, range: "signed" });
    const { features } = await extractor.extract({ shape: [1, 3, 5, 7], data: new Float32Array(105).fill(0.2) });
    expect(features.size).toBe(64);
    for (const value of features.data) expect(value).toBeCloseTo(0.2 * 2 - 1, 5);
    expect(extractor.record.resize).toMatch(/8 x 8.*cubic/);
    await model.dispose();
  });
  test("nets that read bytes get bytes", async () => {
    const path = fileOf("bytes.onnx", bytes(1, 1, 2, 2), (x) => x.cast("float32").reshape([1, 4]));
    const model = await loadOnnxModel(path, { threads: 1 });
    const { features } = await onnxExtractor({ model, range: "imagenet" }).extract({
      shape: [1, 1, 2, 2],
      data: Uint8Array.of(0, 1, 128, 255),
    });
    expect([...features.data]).toEqual([0, 1, 128, 255]);
    await model.dispose();
  });

  const declared = (inputs: readonly ModelValue[], outputs: readonly ModelValue[]): LoadedModel => ({
    name: "net.onnx",
    sha256: "",
    inputs,
    outputs,
    run: () => Promise.reject(new Error("not run")),
    dispose: async () => undefined,
  });
  const image: ModelValue = { name: "image", dtype: "float32", shape: [undefined, 3, 299, 299] };
  const pool: ModelValue = { name: "pool", dtype: "float32", shape: [undefined, 2048] };

  test.each<[string, LoadedModel, string]>([
    [
      "two inputs",
      declared([image, { ...image, name: "mask" }], [pool]),
      "net.onnx: its inputs are image float32[?, 3, 299, 299], mask float32[?, 3, 299, 299]; a feature extractor has one input",
    ],
    ["no image", declared([{ name: "tokens", dtype: "int64", shape: [1, 77] }], [pool]), "tokens int64[1, 77]"],
    ["five channels", declared([{ ...image, shape: [1, 5, 8, 8] }], [pool]), "image float32[1, 5, 8, 8]"],
    ["no float output", declared([image], [{ ...pool, dtype: "int64" }]), "pool int64[?, 2048]; features are float32"],
    ["two outputs", declared([image], [pool, { ...pool, name: "logits" }]), "say which one holds the features"],
  ])("%s: says what the file has", (_, model, message) => {
    expect(() => onnxExtractor({ model })).toThrow(message);
  });
  test("an output by name", () => {
    const model = declared([image], [pool, { ...pool, name: "logits" }]);
    expect(onnxExtractor({ model, output: "logits" }).record.layer).toBe("output logits");
    expect(() => onnxExtractor({ model, output: "pol" })).toThrow("none of float32 is named pol");
  });
  test("images with other channels", async () => {
    const extractor = onnxExtractor({ model: declared([image], [pool]) });
    const images = { shape: [1, 4, 2, 2], data: new Uint8Array(16) };
    await expect(extractor.extract(images)).rejects.toThrow("features: images have 4 channels; the net reads 3");
  });
});

describe("loadOnnxModel", () => {
  test("a missing file, and one that is no model", async () => {
    const missing = loadOnnxModel(join(folder, "none.onnx"), { threads: 1 });
    await expect(missing).rejects.toThrow(/none\.onnx: cannot be read/);
    const path = join(folder, "text.onnx");
    writeFileSync(path, "no model");
    await expect(loadOnnxModel(path, { threads: 1 })).rejects.toThrow(/text\.onnx: ONNX Runtime does not take it/);
  });
});
