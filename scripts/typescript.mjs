/** Lets Node load TypeScript: `node --import ./scripts/typescript.mjs bench/main.ts`.
 *
 * `--import tsx` alone does not reach worker threads, and a session runs on one; this module does, because
 * Node loads it again in each worker. Below vitest only workers need it: vitest itself loads the rest. */

import { isMainThread } from "node:worker_threads";

if (!isMainThread || process.env.VITEST === undefined) {
  const { register } = await import("tsx/esm/api");
  register();
}
