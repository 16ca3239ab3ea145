/** A contender without a model: each step takes a while, and the loss says how many were run. */

import { serveContender } from "../../bench/serve-contender.ts";

await serveContender({
  setup: ({ threads }) => ({ threads }),
  step: async ({ threads }, index) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (index === 7) throw new Error("step 7 went wrong");
    return threads * 100 + index;
  },
});
