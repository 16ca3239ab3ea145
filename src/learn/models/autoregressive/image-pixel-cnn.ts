/** The gated PixelCNN as a family over grey images. */

import { formatShape, GalateaError, type Shape } from "../../../core/base/index.ts";
import { foldKey, oneHot, type Tensor, tensor } from "../../../core/trace/index.ts";
import type { Context } from "../../nn/index.ts";
import { type Binarization, binarized } from "../binarization.ts";
import { eventInputs, eventOf, eventOutputs, labelCondition } from "../event.ts";
import type { Family, TensorBatch } from "../family.ts";
import { pixelCnn } from "./pixel-cnn.ts";
import type { PixelCnnOptions, PixelCnnParameters } from "./pixel-cnn-parts.ts";
import { temperatureControl } from "./temperature.ts";

type Network = Pick<PixelCnnOptions, "channels" | "layers" | "firstKernel" | "kernel" | "head" | "classes">;

export interface ImagePixelCnnOptions extends Network {
  /** Shape of one image, [1, H, W]. */
  readonly shape: Shape;
  /** Grey levels that are told apart, 2 to 256; 2 where absent. */
  readonly levels?: number;
  /** How two levels are made of grey values; `threshold` where absent. */
  readonly binarize?: Exclude<Binarization, "none">;
  /**
   * Side of the square of binary pixels that is one cell, 1 to 3; 1 where absent. With 2, a cell is one of 16 patterns:
   * the density is as exact and as general, for a quarter of the work.
   */
  readonly patch?: number;
}

const streams = { binarize: 0, sample: 1 } as const;

/**
 * A gated PixelCNN over grey images: see {@link pixelCnn} for the network and its formula.
 *
 * Images of two levels are binarized, others quantized to equal intervals. With `classes` it reads labels, and makes
 * what it is told to.
 *
 * Shapes: reads `image` uint8 [B, 1, H, W] (and `label` int32 [B]); samples are `image` float32 [count, 1, H, W] in
 * [0, 1].
 * @throws GalateaError `data` for images with several channels; `config` when an option is outside its range or patches
 * do not fit the image.
 *
 * Source: van den Oord et al., "Conditional image generation with PixelCNN decoders" (2016).
 */
export function imagePixelCnn(options: ImagePixelCnnOptions): Family<PixelCnnParameters> {
  const { shape, levels = 2, binarize = "threshold", patch = 1, classes } = options;
  const [channels, height, width] = shape;
  requireFit(options, levels, patch);
  const event = { field: "image", shape } as const;
  const [rows, columns] = [height / patch, width / patch];
  const bits = patch * patch;
  const binary = levels === 2;
  const network = pixelCnn({
    ...options,
    height: rows,
    width: columns,
    levels: binary ? 2 ** bits : levels,
    input: binary ? "bits" : "ordinal",
  });

  /** Pixels by cell: [B, 1, H, W] -> [B, rows, columns, bits]. */
  const cells = (pixels: Tensor): Tensor =>
    pixels.reshape([-1, rows, patch, columns, patch]).transpose([0, 1, 3, 2, 4]).reshape([-1, rows, columns, bits]);
  const weights = tensor(
    Array.from({ length: bits }, (_, i) => 2 ** i),
    [bits],
  );
  /** By level and bit, [levels, bits]. */
  const patterns = tensor(
    Array.from({ length: 2 ** bits * bits }, (_, i) => (Math.floor(i / bits) >> (i % bits)) & 1),
    [2 ** bits, bits],
  );
  const gridOf = (batch: TensorBatch, key: Tensor): Tensor => {
    const grey = eventOf(event, batch);
    // The grey values' own numbers, 0 to 255, whatever 1/255 was rounded to.
    if (!binary)
      return grey
        .mul(255)
        .round()
        .mul(levels / 256)
        .floor()
        .cast("int32")
        .squeeze(1);
    return cells(binarized(grey, binarize, foldKey(key, streams.binarize)))
      .mul(weights)
      .sum(3)
      .cast("int32");
  };
  const imagesOf = (grid: Tensor): Tensor => {
    if (!binary)
      return grid
        .cast("float32")
        .mul(1 / (levels - 1))
        .unsqueeze(1);
    return patterns
      .gather(grid) // [B, rows, columns, bits]
      .reshape([-1, rows, columns, patch, patch])
      .transpose([0, 1, 3, 2, 4])
      .reshape([-1, channels, height, width]);
  };
  const logDensity = (parameters: PixelCnnParameters, batch: TensorBatch, key: Tensor): Tensor =>
    network.logProb(parameters, gridOf(batch, key), batch.label);
  /** Levels that agree with what is known, [B, levels, rows, columns]. */
  const agreeing = (grid: Tensor, mask: Tensor): Tensor => {
    if (!binary) {
      const known = mask.squeeze(1).unsqueeze(3); // [B, H, W, 1]
      return oneHot(grid, levels).mul(known).sub(known).add(1).transpose([0, 3, 1, 2]);
    }
    const known = cells(mask);
    const value = patterns.gather(grid);
    // Summed over known bits: |pattern - value| = value + pattern (1 - 2 value).
    const wrong = known
      .mul(value.mul(-2).add(1))
      .matmul(patterns, { transposeB: true })
      .add(known.mul(value).sum(3, true));
    return wrong.less(0.5).cast("float32").transpose([0, 3, 1, 2]);
  };

  return {
    name: "pixelcnn",
    inputs: eventInputs(event, classes),
    outputs: eventOutputs(event),
    ...labelCondition(classes),
    controls: { temperature: temperatureControl },
    init: (key) => network.init(key),
    phases: [
      {
        name: "train",
        trains: () => true,
        loss: (parameters, batch, context) => ({
          loss: logDensity(parameters, batch, keyOf(context)).mean().neg(),
          metrics: {},
        }),
      },
    ],
    sample: (parameters, key, { count, conditions: { label }, controls }) => {
      const temperature = controls.temperature ?? 1;
      const request = { count, temperature, ...(classes !== undefined && { label }) };
      return { image: imagesOf(network.sample(parameters, foldKey(key, streams.sample), request)) };
    },
    scores: ["negativeLogLikelihood"],
    score: (parameters, batch, key) => ({ negativeLogLikelihood: logDensity(parameters, batch, key).neg() }),
    logProb: (parameters, batch, { key }) => logDensity(parameters, batch, key),
    exact: true,
    ...(levels === 256 && { dimensions: height * width }),
    inpaint: (parameters, batch, { mask, key }) => {
      const given = eventOf(event, batch);
      const known = mask.expand(given.shape);
      const request = {
        count: given.shape[0],
        allowed: agreeing(gridOf(batch, key), known),
        ...(classes !== undefined && { label: batch.label }),
      };
      const drawn = imagesOf(network.sample(parameters, foldKey(key, streams.sample), request));
      return { image: given.sub(drawn).mul(known).add(drawn) };
    },
  };
}

function requireFit({ shape }: ImagePixelCnnOptions, levels: number, patch: number): void {
  const [channels, height, width] = shape;
  if (channels !== 1) {
    throw new GalateaError(
      "data",
      "image",
      `its shape is ${formatShape(shape)}`,
      "a PixelCNN takes grey images, [1, H, W]",
    );
  }
  if (!Number.isInteger(levels) || levels < 2 || levels > 256) {
    throw new GalateaError("config", "levels", `is ${levels}`, "it must be a whole number from 2 to 256");
  }
  if (patch === 1) return;
  if (levels !== 2)
    throw new GalateaError("config", "patch", `is ${patch} for ${levels} levels`, "patches are of 2 levels");
  if (patch !== 2 && patch !== 3) throw new GalateaError("config", "patch", `is ${patch}`, "it must be 1, 2 or 3");
  if (height % patch === 0 && width % patch === 0) return;
  const seen = `is ${patch} for images of ${height} x ${width}`;
  throw new GalateaError("config", "patch", seen, "it must divide height and width");
}

function keyOf(context: Context): Tensor {
  if (context.key) return context.key;
  throw new GalateaError("internal", "pixelcnn", "got no random key", "images are binarized");
}
