/** A run that is stopped at any instant goes on as if it had not been. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { events, galatea, metricsOf, pairs, temporaryFolder, tiny, writeDigits } from "./galatea.ts";

const folder = temporaryFolder();
const data = writeDigits(folder);
const steps = 250;
const settings = { checkpointEvery: 50, evaluateEvery: 100, sampleEvery: 100, logEvery: 5, averageDecay: 0.99 };
const trainWords = (run: string): string[] => [
  ...["train", "digits/vae", "--json", "--data", data, ...tiny, ...pairs(settings)],
  ...["--steps", String(steps), "--seed", "3", "--out", run],
];

const whole = join(folder, "whole");
let evaluation = "";

beforeAll(async () => {
  const { code, stderr } = await galatea(trainWords(whole));
  expect(stderr).not.toContain("galatea:");
  expect(code).toBe(0);
  evaluation = (await galatea(["evaluate", whole, "--json"])).stdout;
});

/** Log, final weights, final pictures and evaluation equal those of the run that was never stopped. */
async function expectSameAsWhole(run: string): Promise<void> {
  expect(metricsOf(run)).toBe(metricsOf(whole));
  const last = join("checkpoints", `step-${String(steps).padStart(8, "0")}.safetensors`);
  for (const file of [last, join("samples", "samples.png"), join("samples", "walk.png")]) {
    expect(readFileSync(join(run, file)).equals(readFileSync(join(whole, file)))).toBe(true);
  }
  expect((await galatea(["evaluate", run, "--json"])).stdout).toBe(evaluation);
}

test.concurrent("kill -9 in the middle, then --resume", async () => {
  const run = join(folder, "killed");
  const killed = await galatea(trainWords(run), {
    onLine: (line, child) => {
      const { type, step } = JSON.parse(line) as { type: string; step: number };
      // Between two checkpoints, so that steps are lost and must be done again.
      if (type === "step" && step >= 130) child.kill("SIGKILL");
    },
  });
  expect(killed.signal).toBe("SIGKILL");
  expect(metricsOf(run).length).toBeLessThan(metricsOf(whole).length);
  const resumed = await galatea([...trainWords(run), "--resume"]);
  expect(resumed.code).toBe(0);
  const [started] = events(resumed.stdout);
  expect(started).toMatchObject({ type: "started" });
  expect(started.fromStep).toBeGreaterThanOrEqual(100);
  expect(started.fromStep).toBeLessThan(steps);
  expect(readdirSync(join(run, "checkpoints")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  await expectSameAsWhole(run);
});

test.concurrent.each(["SIGINT", "SIGTERM"] as const)(
  "%s saves, exits with 130, and --resume goes on",
  async (signal) => {
    const run = join(folder, signal);
    let sent = false;
    const stopped = await galatea(trainWords(run), {
      onLine: (line, child) => {
        const { type, step } = JSON.parse(line) as { type: string; step: number };
        if (sent || type !== "step" || step < 60) return;
        sent = true;
        child.kill(signal);
      },
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain("stopping: the run is being saved");
    expect(stopped.stderr).toContain(`go on with: galatea train digits/vae --out ${run} --resume`);
    const { type, step } = events(stopped.stdout).at(-1) as { type: string; step: number };
    expect(type).toBe("interrupted");
    expect(step).toBeLessThan(steps);
    expect(existsSync(join(run, "checkpoints", `step-${String(step).padStart(8, "0")}.safetensors`))).toBe(true);
    // Settings that are not given again are those of the run.
    const resumed = await galatea(["train", "digits/vae", "--out", run, "--resume", "--json"]);
    expect(events(resumed.stdout)[0]).toMatchObject({ type: "started", fromStep: step });
    expect(resumed.code).toBe(0);
    await expectSameAsWhole(run);
  },
);

test.concurrent("killed before its first checkpoint, it starts again", async () => {
  const run = join(folder, "early");
  const killed = await galatea(trainWords(run), { onLine: (_, child) => child.kill("SIGKILL") });
  expect(killed.signal).toBe("SIGKILL");
  const resumed = await galatea([...trainWords(run), "--resume"]);
  expect(resumed.code).toBe(0);
  await expectSameAsWhole(run);
});

test("a finished run resumed is done at once and changes nothing", async () => {
  const before = metricsOf(whole);
  const { code, stdout } = await galatea([...trainWords(whole), "--resume"]);
  expect(code).toBe(0);
  expect(events(stdout).at(-1)).toMatchObject({ type: "finished", step: steps });
  expect(metricsOf(whole)).toBe(before);
});
