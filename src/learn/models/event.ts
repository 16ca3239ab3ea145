/** What one example is, of families that model images or clips as well as vectors. */

import { formatShape, GalateaError, type Shape, sizeOf } from "../../core/base/index.ts";
import type { Tensor } from "../../core/trace/index.ts";
import type { Condition, FieldTypes, TensorBatch } from "./family.ts";

/**
 * An image, read as uint8 [C, H, W] and made as float32 in [0, 1]; or a vector, float32 [D] both ways.
 */
export type StillEventType =
  | { readonly field: "image"; readonly shape: Shape }
  | { readonly field: "vector"; readonly shape: Shape };

/** Also a clip of T frames, read as uint8 [T, C, H, W] and made as float32 in [0, 1]. */
export type EventType = StillEventType | { readonly field: "video"; readonly shape: Shape };

const axes = {
  image: ["channels", "height", "width"],
  vector: ["values"],
  video: ["frames", "channels", "height", "width"],
} as const;

/**
 * Checks an event's shape.
 * @throws GalateaError `data` when it is not [C, H, W], [D] or [T, C, H, W], or holds nothing.
 */
export function requireEvent({ field, shape }: EventType): void {
  if (shape.length === axes[field].length && sizeOf(shape) > 0) return;
  throw new GalateaError("data", field, `its shape is ${formatShape(shape)}`, `it must be [${axes[field].join(", ")}]`);
}

/** The fields that a family of an event reads: the event, and a label where there are classes. */
export function eventInputs({ field, shape }: EventType, classes?: number): FieldTypes {
  const event: FieldTypes = { [field]: { dtype: field === "vector" ? "float32" : "uint8", shape } };
  return classes === undefined ? event : { ...event, label: { dtype: "int32", shape: [] } };
}

/** The fields that it makes. */
export function eventOutputs({ field, shape }: EventType): FieldTypes {
  return { [field]: { dtype: "float32", shape } };
}

/** The condition of a conditional family: none without classes. */
export function labelCondition(classes?: number): { readonly conditions?: Readonly<Record<string, Condition>> } {
  return classes === undefined ? {} : { conditions: { label: { dtype: "int32", shape: [], classes } } };
}

/** Examples as float32: images and clips from 0 to 1, vectors as they are. */
export function eventOf({ field }: EventType, batch: TensorBatch): Tensor {
  const event = batch[field];
  // `denoise` and `inpaint` are given images between the grey levels.
  if (field === "vector" || event.dtype === "float32") return event;
  return event.cast("float32").mul(1 / 255);
}

/** Samples under the event's name. */
export function eventBatch({ field }: EventType, samples: Tensor): TensorBatch {
  return { [field]: samples };
}
