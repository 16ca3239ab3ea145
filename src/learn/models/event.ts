/** What one example is, of families that model images as well as vectors. */

import { formatShape, GalateaError, type Shape, sizeOf } from "../../core/base/index.ts";
import type { Tensor } from "../../core/trace/index.ts";
import type { Condition, FieldTypes, TensorBatch } from "./family.ts";

/**
 * An image, read as uint8 [C, H, W] and made as float32 in [0, 1]; or a vector, float32 [D] both ways.
 */
export type EventType =
  | { readonly field: "image"; readonly shape: Shape }
  | { readonly field: "vector"; readonly shape: Shape };

/**
 * Checks an event's shape.
 * @throws GalateaError `data` when it is not [C, H, W] or [D], or holds nothing.
 */
export function requireEvent({ field, shape }: EventType): void {
  const rank = field === "image" ? 3 : 1;
  if (shape.length === rank && sizeOf(shape) > 0) return;
  const right = field === "image" ? "it must be [channels, height, width]" : "it must be [values]";
  throw new GalateaError("data", field, `its shape is ${formatShape(shape)}`, right);
}

/** The fields that a family of an event reads: the event, and a label where there are classes. */
export function eventInputs({ field, shape }: EventType, classes?: number): FieldTypes {
  const event: FieldTypes = { [field]: { dtype: field === "image" ? "uint8" : "float32", shape } };
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

/** Examples as float32: images from 0 to 1, vectors as they are. */
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
