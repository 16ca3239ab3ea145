/** What everything else is written with: shapes, element types, errors, trees, random keys.
 * Imports nothing. */

export * from "./dtype.ts";
export * from "./errors.ts";
export * from "./float16.ts";
export * from "./key.ts";
export * from "./shape.ts";
export * from "./tree.ts";
