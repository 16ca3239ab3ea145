/** What families that turn images into images have in common: their fields, and values from -1 to 1. */

import { formatShape, GalateaError, type Shape } from "../../../core/base/index.ts";
import type { Tensor } from "../../../core/trace/index.ts";
import type { Condition, Family, FieldTypes, TensorBatch } from "../family.ts";

export interface TranslationOptions {
  /** [C, H, W] of the images of both domains. */
  readonly shape: Shape;
  /** Channels of the translators at full size. */
  readonly width: number;
  /** Residual blocks of a translator. */
  readonly blocks: number;
  /** Channels of the discriminators' first layer; `width` where absent. */
  readonly judgeWidth?: number;
}

/** Fields of an example, and what samples are told and consist of. */
export function translationFields(shape: Shape): Pick<Family, "inputs" | "outputs"> & {
  readonly conditions: Readonly<Record<string, Condition>>;
} {
  const given = { dtype: "uint8", shape } as const;
  const inputs: FieldTypes = { image: given, target: given };
  return { inputs, outputs: { image: { dtype: "float32", shape } }, conditions: { image: given } };
}

/** Images as the networks see them, from -1 to 1. */
export function toSigned(image: Tensor): Tensor {
  const values = image.dtype === "float32" ? image : image.cast("float32").mul(1 / 255);
  return values.mul(2).sub(1);
}

/** Images as samples, from 0 to 1. */
export function toImages(x: Tensor): TensorBatch {
  return { image: x.add(1).mul(0.5) };
}

/** Mean absolute difference. */
export function meanDistance(a: Tensor, b: Tensor): Tensor {
  return a.sub(b).abs().mean();
}

/**
 * Checks what translators are made of.
 * @throws GalateaError `config` when a size is no whole number from 1 up; `data` when images are not [C, H, W].
 */
export function requireTranslation({ shape, width, blocks, judgeWidth = width }: TranslationOptions): void {
  if (shape.length !== 3) {
    throw new GalateaError(
      "data",
      "image",
      `its shape is ${formatShape(shape)}`,
      "it must be [channels, height, width]",
    );
  }
  for (const [name, value] of Object.entries({ width, blocks, judgeWidth })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new GalateaError("config", name, `is ${value}`, "it must be a whole number of at least 1");
  }
}
