/** A worker thread that a test starts from a .ts file loads TypeScript, its imports included. */

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

test("a worker of TypeScript sources runs below vitest", async () => {
  const worker = new Worker(new URL("./doubling-worker.ts", import.meta.url));
  try {
    const answer = once(worker, "message");
    worker.postMessage(21);
    expect(await answer).toEqual([42]);
  } finally {
    await worker.terminate();
  }
});
