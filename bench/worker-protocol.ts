/** What the harness and a contender's process say to each other: one JSON object a line. */

import { z } from "zod";

/** The harness asks on stdin. */
export const requestSchema = z.union([
  /** Run so many steps. */
  z.strictObject({ run: z.int().positive() }),
  z.strictObject({ memory: z.literal(true) }),
  z.strictObject({ versions: z.literal(true) }),
]);
export type Request = z.infer<typeof requestSchema>;

/** The contender answers on stdout. */
export const stepsSchema = z.object({ msPerStep: z.array(z.number().positive()), loss: z.number() });
export const memorySchema = z.object({ peakMb: z.number().positive() });
export const versionsSchema = z.object({ versions: z.record(z.string(), z.string()) });
export const failureSchema = z.object({ error: z.string() });
