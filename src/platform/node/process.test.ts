/** How a process with the CPU backend ends. */

import { expect, test } from "vitest";
import { endsWell, scriptsWith } from "../../../test/conformance/process.ts";

const ended = scriptsWith("createCpuBackend({ threads: 2 })", 768);
endsWell(ended);

test("neither the end of a thread nor garbage collection unloads the library", async () => {
  const body = `
    await backend.dispose();
    const { setFlagsFromString } = await import("node:v8");
    const { runInNewContext } = await import("node:vm");
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc");
    for (let i = 0; i < 10; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const other = createCpuBackend({ threads: 1 });
    const buffer = await other.allocate({ dtype: "float32", shape: [3] });
    console.log((await other.read(buffer)).length);`;
  expect(await ended(body)).toEqual({ code: 0, signal: null, stdout: "3\n", stderr: "" });
});
