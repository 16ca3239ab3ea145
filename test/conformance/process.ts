/** How a process with a backend ends, whatever the backend is busy with. */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script that may use `backend`, `program`, `x` and `out`; `interrupt` sends Ctrl-C once it prints "running". */
export type RunScript = (body: string, interrupt?: boolean) => Promise<Ended>;

const from = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
const typescript = fileURLToPath(new URL("../../scripts/typescript.mjs", import.meta.url));

/**
 * Scripts with a backend and a program whose run takes some 100 ms.
 * @param backend an expression that gives one, of the names that src/platform/node exports
 * @param side of the matrices that are multiplied
 */
export function scriptsWith(backend: string, side: number): RunScript {
  const folder = mkdtempSync(join(tmpdir(), "galatea-process-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const head = `
    import { createCpuBackend, createWebgpuBackend } from ${from("../../src/platform/node/index.ts")};
    import { trace } from ${from("../../src/core/index.ts")};
    const backend = ${backend};
    const type = { dtype: "float32", shape: [${side}, ${side}] };
    const { graph } = trace({ x: type }, ({ x }) => {
      let y = x;
      for (let i = 0; i < 40; i++) y = y.matmul(x).tanh();
      return y.sum();
    });
    const program = await backend.compile(graph, "long");
    const x = await backend.allocate(type);
    const out = await backend.allocate({ dtype: "float32", shape: [] });
  `;
  let count = 0;
  return (body, interrupt = false) => {
    const file = join(folder, `${count++}.mjs`);
    writeFileSync(file, head + body);
    const { VITEST: _vitest, ...env } = process.env;
    return new Promise((resolve) => {
      const child = spawn(process.execPath, ["--import", typescript, file], { env, stdio: ["ignore", "pipe", "pipe"] });
      let [stdout, stderr, interrupted] = ["", "", !interrupt];
      child.stdout.on("data", (text) => {
        stdout += text;
        if (!interrupted && stdout.includes("running")) interrupted = child.kill("SIGINT");
      });
      child.stderr.on("data", (text) => {
        stderr += text;
      });
      child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
  };
}

/** Registers the tests that all backends have in common. */
export function endsWell(ended: RunScript): void {
  test("it ends by itself with an idle backend that nobody disposed", async () => {
    expect(await ended("await program.run([x], [out]); console.log('ran');")).toEqual({
      code: 0,
      signal: null,
      stdout: "ran\n",
      stderr: "",
    });
  });

  test("it waits for a run that nobody awaits", async () => {
    const { code, stdout } = await ended("program.run([x], [out]).then(() => console.log('ran'));");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "ran\n" });
  });

  test("process.exit in the middle of a run keeps its code", async () => {
    const body = "program.run([x], [out]); program.run([x], [out]); setTimeout(() => process.exit(7), 20);";
    expect(await ended(body)).toEqual({ code: 7, signal: null, stdout: "", stderr: "" });
  });

  test("an error that nobody catches in the middle of a run ends it with code 1", async () => {
    const { code, signal, stderr } = await ended(
      "program.run([x], [out]); setTimeout(() => { throw new Error('a'); }, 20);",
    );
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(stderr).toContain("Error: a");
  });

  test("Ctrl-C in the middle of a run: a handler can save after the step", async () => {
    const body = `
      let stop = false;
      process.on("SIGINT", () => { stop = true; console.log("interrupted"); });
      const run = program.run([x], [out]);
      console.log("running");
      await run;
      while (!stop) await program.run([x], [out]);
      console.log((await backend.read(out)).length, "saved");
      await backend.dispose();
      process.exitCode = 130;`;
    const { code, stdout, stderr } = await ended(body, true);
    expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: "running\ninterrupted\n1 saved\n", stderr: "" });
  });
}
