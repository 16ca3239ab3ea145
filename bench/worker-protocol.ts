/** What the harness and a contender's process say to each other: one JSON object a line. */

import { z } from "zod";

/** The harness asks on stdin. */
export const requestSchema = z.union([
  /** Run so many steps. */
  z.strictObject({ run: z.int().positive() }),
  /** Draw the random numbers of a step, and nothing else, so many times. */
  z.strictObject({ draw: z.int().positive() }),
  /** Say where the time of a step goes, over so many steps. */
  z.strictObject({ profile: z.int().positive() }),
  z.strictObject({ memory: z.literal(true) }),
  z.strictObject({ describe: z.literal(true) }),
]);
export type Request = z.infer<typeof requestSchema>;

/** The contender answers on stdout. */
export const stepsSchema = z.object({
  msPerStep: z.array(z.number().positive()),
  /** Of the first and the last of these steps. */
  firstLoss: z.number(),
  loss: z.number(),
});
export const drawsSchema = z.object({ msPerDraw: z.array(z.number().positive()) });
/** Kernels of a step, and of each op, the longest first; the share is that of all kernels' time. */
export const profileSchema = z.strictObject({
  kernels: z.int().positive(),
  ops: z.array(z.strictObject({ op: z.string(), kernels: z.int().positive(), share: z.number() })),
});
export type KernelProfile = z.infer<typeof profileSchema>;
export const memorySchema = z.object({ peakMb: z.number().positive() });
export const descriptionSchema = z.object({
  /** Of what the process runs on, by name. */
  versions: z.record(z.string(), z.string()),
  /** Number of values in the model: trained ones and running statistics. */
  parameters: z.int().nonnegative(),
  /** How long it took to get ready for the first step: tracing and compiling, without making data. */
  setupMs: z.number().nonnegative(),
});
export type Description = z.infer<typeof descriptionSchema>;
export const failureSchema = z.object({ error: z.string() });
