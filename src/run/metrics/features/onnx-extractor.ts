/** Features from any ONNX file that reads images. */

import { formatShape, GalateaError } from "../../../core/base/index.ts";
import type { HostTensor, LoadedModel, ModelValue } from "../../../engine/index.ts";
import type { ImageSet } from "../image-quality.ts";
import type { Extracted, FeatureExtractor } from "./extractor.ts";
import { resized, resizeFilter, toBytes, toFloats, type ValueRange, withChannels } from "./prepare-images.ts";

export interface OnnxExtractorOptions {
  readonly model: LoadedModel;
  /** How bytes become the values that the net reads; `unit` where absent. Ignored by nets that read uint8. */
  readonly range?: ValueRange;
  /** Name of the output with the features; may be left out of a net with one float output. */
  readonly output?: string;
  /** Name of the output with probabilities of classes, for the inception score. */
  readonly probabilities?: string;
}

/** Images that run at once where the net leaves their number open. */
const usualBatch = 32;

interface InputPlan {
  readonly name: string;
  readonly dtype: "float32" | "uint8";
  readonly layout: "NCHW" | "NHWC";
  readonly batch: number | undefined;
  readonly channels: number | undefined;
  readonly height: number | undefined;
  readonly width: number | undefined;
}

function shown({ name, dtype, shape }: ModelValue): string {
  return `${name} ${dtype}[${shape.map((size) => size ?? "?").join(", ")}]`;
}

function planInput({ name, inputs }: LoadedModel): InputPlan {
  const wanted = "a feature extractor has one input, images float32 or uint8 [N, C, H, W] or [N, H, W, C], C 1 or 3";
  const refuse = (): GalateaError =>
    new GalateaError("data", name, `its inputs are ${inputs.map(shown).join(", ") || "none"}`, wanted);
  if (inputs.length !== 1) throw refuse();
  const [{ name: input, dtype, shape }] = inputs;
  if ((dtype !== "float32" && dtype !== "uint8") || shape.length !== 4) throw refuse();
  const isColour = (size: number | undefined): boolean => size === 1 || size === 3;
  if (isColour(shape[3]) && !isColour(shape[1])) {
    const [batch, height, width, channels] = shape;
    return { name: input, dtype, layout: "NHWC", batch, channels, height, width };
  }
  const [batch, channels, height, width] = shape;
  if (channels !== undefined && !isColour(channels)) throw refuse();
  return { name: input, dtype, layout: "NCHW", batch, channels, height, width };
}

function findOutput({ name, outputs }: LoadedModel, wanted: string | undefined): ModelValue {
  const floats = outputs.filter(({ dtype }) => dtype === "float32");
  const seen = `its outputs are ${outputs.map(shown).join(", ")}`;
  if (floats.length === 0) throw new GalateaError("data", name, seen, "features are float32");
  const found = wanted === undefined ? floats : floats.filter((output) => output.name === wanted);
  if (found.length === 1) return found[0];
  const right = wanted === undefined ? "say which one holds the features" : `none of float32 is named ${wanted}`;
  throw new GalateaError("data", name, seen, right);
}

/**
 * An ONNX file as a feature extractor. Images are brought to the channels and size that its input declares; an output
 * with places, [N, D, h, w], is averaged over them.
 * @throws GalateaError `data` when the file has not one input of images or not one output of features: it says what
 *   the file has.
 */
export function onnxExtractor(options: OnnxExtractorOptions): FeatureExtractor {
  const { model, range = "unit" } = options;
  const plan = planInput(model);
  const output = findOutput(model, options.output);
  const probabilities = options.probabilities === undefined ? undefined : findOutput(model, options.probabilities);
  const isFixed = plan.height !== undefined || plan.width !== undefined;
  return {
    record: {
      name: model.name,
      layer: `output ${output.name}`,
      resize: isFixed ? `to ${plan.height ?? "?"} x ${plan.width ?? "?"} where needed, ${resizeFilter}` : "none",
      range: plan.dtype === "uint8" ? "bytes" : range,
      sha256: model.sha256,
    },
    extract: async (images, onProgress) => {
      const all = toBytes(images);
      const [count, channels, height, width] = all.shape;
      const wantedSize = [plan.height ?? height, plan.width ?? width] as const;
      const [own, rows] = [channels * height * width, plan.batch ?? Math.min(usualBatch, count)];
      const parts: Record<"features" | "probabilities", Float32Array[]> = { features: [], probabilities: [] };
      for (let start = 0; start < count; start += rows) {
        // The last part is filled up with its first image.
        const taken = Math.min(rows, count - start);
        const bytes = new Uint8Array(rows * own);
        for (let i = 0; i < rows; i++) {
          const at = start + (i < taken ? i : 0);
          bytes.set(all.data.subarray(at * own, (at + 1) * own), i * own);
        }
        const part = withChannels({ shape: [rows, channels, height, width], data: bytes }, plan.channels ?? channels);
        const input = inputOf(await resized(part, wantedSize), plan, range);
        const outputs = await model.run({ [plan.name]: input });
        parts.features.push(averaged(model.name, outputs[output.name], rows, taken));
        if (probabilities) {
          parts.probabilities.push(averaged(model.name, outputs[probabilities.name], rows, taken));
        }
        onProgress?.(start + taken, count);
      }
      const features = joined(parts.features, count);
      if (!probabilities) return { features };
      const { size, data } = joined(parts.probabilities, count);
      return { features, probabilities: { classes: size, data } };
    },
  };
}

function inputOf(images: ImageSet & { readonly data: Uint8Array }, plan: InputPlan, range: ValueRange): HostTensor {
  const [count, channels, height, width] = images.shape;
  const shape = plan.layout === "NCHW" ? images.shape : [count, height, width, channels];
  if (plan.dtype === "float32") return { dtype: "float32", shape, data: toFloats(images, range, plan.layout) };
  return { dtype: "uint8", shape, data: Uint8Array.from(toFloats(images, "bytes", plan.layout)) };
}

/** The first `taken` rows of an output [N, D, ...places], averaged over places: [taken, D]. */
function averaged(name: string, { shape, data }: HostTensor, rows: number, taken: number): Float32Array {
  const [count, size = 1, ...rest] = shape;
  if (count !== rows || !(data instanceof Float32Array)) {
    const right = `it must be [${rows}, D] for ${rows} images`;
    throw new GalateaError("data", name, `its features are ${formatShape(shape)}`, right);
  }
  const places = rest.reduce((product, extent) => product * extent, 1);
  const out = new Float32Array(taken * size);
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let place = 0; place < places; place++) sum += data[i * places + place];
    out[i] = sum / places;
  }
  return out;
}

function joined(parts: readonly Float32Array[], count: number): Extracted["features"] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const data = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return { count, size: length / count, data };
}
