/** The records of `npm run bench`: results (we against a peer) and readings (we alone); and those of
 * `npm run verify`. */

import { fileURLToPath } from "node:url";
import { z } from "zod";
import { profileSchema } from "./worker-protocol.ts";

const place = { machine: z.string(), date: z.iso.datetime() };

/** What was measured of us beside the comparison. */
export const ownSchema = z.strictObject({
  /** Number of values in the model: trained ones and running statistics. */
  parameters: z.int(),
  /** Tracing, compiling and the first step, in milliseconds. */
  startMs: z.number(),
  /** 10^9 floating-point operations in a step's matrix products and convolutions. */
  gflop: z.number(),
  /** Speed of large matrix products in the same minutes, the best that any side reached, in 10^9 operations a second. */
  sgemmGflops: z.number(),
  /** gflop / oursMs as a share of it. */
  sgemmShare: z.number(),
  /** Time of drawing a step's random numbers, alone, as a share of the step's. */
  randomShare: z.number(),
  /** Where a step's time goes. */
  profile: profileSchema,
});

export const measuredSchema = z.strictObject({
  workload: z.string(),
  peer: z.string(),
  /** Peer's time / our time: above 1 we are faster. */
  ratio: z.number(),
  /** Milliseconds of a step. */
  oursMs: z.number(),
  peerMs: z.number(),
  /** Quartiles of the ratio over pairs of blocks. */
  spread: z.tuple([z.number(), z.number()]),
  /** Peak resident memory of the process, in 10^6 bytes. */
  oursPeakMb: z.number(),
  peerPeakMb: z.number(),
  ...ownSchema.partial().shape,
  ...place,
});
export type Measured = z.infer<typeof measuredSchema>;

/** A peer that cannot run a workload. */
export const unmeasuredSchema = z.strictObject({
  workload: z.string(),
  peer: z.string(),
  ratio: z.null(),
  oursMs: z.null(),
  peerMs: z.null(),
  spread: z.null(),
  oursPeakMb: z.null(),
  peerPeakMb: z.null(),
  /** Why it cannot. */
  reason: z.string(),
  ...place,
});

export const resultSchema = z.union([measuredSchema, unmeasuredSchema]);
export type Result = z.infer<typeof resultSchema>;

export const readingRecordSchema = z.strictObject({
  reading: z.string(),
  /** Median of the samples. */
  value: z.number(),
  unit: z.string(),
  /** Smallest and largest sample. */
  spread: z.tuple([z.number(), z.number()]),
  samples: z.int(),
  command: z.string(),
  machine: z.string(),
  date: z.iso.datetime(),
});
export type ReadingRecord = z.infer<typeof readingRecordSchema>;

/** One line of docs/results.jsonl; the keys and their order are fixed. */
export const rowRecordSchema = z.strictObject({
  row: z.string(),
  metric: z.string(),
  value: z.number(),
  /** Null where nobody published the same measurement. */
  published: z.number().nullable(),
  source: z.string(),
  command: z.string(),
  seed: z.int().nonnegative(),
  seconds: z.number().nonnegative(),
  machine: z.string(),
  date: z.iso.datetime(),
  commit: z.string(),
});
export type RowRecord = z.infer<typeof rowRecordSchema>;

const fromRoot = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Where records and the pages made from them lie. */
export const recordPaths = {
  results: fromRoot("bench/results.json"),
  readings: fromRoot("bench/readings.json"),
  performancePage: fromRoot("docs/performance.md"),
  rows: fromRoot("docs/results.jsonl"),
  rowsPage: fromRoot("docs/results.md"),
} as const;
