/** A contender without a model: each step takes a while, and the loss says how many were run. */

import { serveContender } from "../../bench/serve-contender.ts";

const program = {
  setup: ({ threads }: { readonly threads: number }) => ({ threads }),
  parameters: () => 42,
  step: async ({ threads }: { readonly threads: number }, index: number) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (index === 7) throw new Error("step 7 went wrong");
    return threads * 100 + index;
  },
  draw: () => new Promise<void>((resolve) => setTimeout(resolve, 2)),
};

await serveContender(program, Number(process.argv[2]));
