/** One training run as it is told to people and to programs. */

import { expect, test } from "vitest";
import type { TrainEvent } from "../../src/run/index.ts";
import { createProgress } from "./progress.ts";
import { createTrainView } from "./train-view.ts";

const run = "runs/it's mine";

const started: TrainEvent = {
  type: "started",
  run,
  preset: "digits/vae",
  family: "vae",
  fromStep: 0,
  steps: 1000,
  parameterCount: 1_234_567,
  data: { name: "digits", train: 50_000, validation: 10_000, test: 10_000 },
  backend: "ONNX Runtime on CPU, 2 threads",
};

const told: readonly TrainEvent[] = [
  started,
  { type: "warning", message: "warning: skipped 1 image(s)" },
  { type: "warning", message: "a damaged checkpoint was set aside" },
  { type: "step", step: 1, steps: 1000, metrics: { loss: 543.2 } },
  { type: "progress", step: 500, steps: 1000, loss: 110.04, stepsPerSecond: 31.2, secondsLeft: 16 },
  { type: "evaluated", step: 500, metrics: { negativeElbo: 105.55, kl: 21 } },
  { type: "checkpoint", step: 500, path: `${run}/checkpoints/step-00000500.safetensors` },
  { type: "picture", step: 500, kind: "samples", path: `${run}/samples/step-00000500.png` },
  { type: "evaluated", step: 1000, metrics: { negativeElbo: 98.31 } },
  { type: "picture", step: 1000, kind: "samples", path: `${run}/samples/samples.png` },
  { type: "picture", step: 1000, kind: "walk", path: `${run}/samples/walk.png` },
  { type: "finished", step: 1000, seconds: 32.4, metrics: { negativeElbo: 98.31, unheardOf: 0.5 } },
];

/** A stream that keeps what is written. */
function keeper(): { readonly text: string; write(part: string): void } {
  let text = "";
  return {
    write: (part) => {
      text += part;
    },
    get text() {
      return text;
    },
  };
}

function tell(events: readonly TrainEvent[], json: boolean): { stdout: string; stderr: string } {
  const [stdout, stderr] = [keeper(), keeper()];
  const view = createTrainView({
    stdout,
    progress: createProgress(stderr, { now: () => 0 }),
    preset: "digits/vae",
    json,
  });
  for (const event of events) view.show(event);
  return { stdout: stdout.text, stderr: stderr.text };
}

const summary = `
Done: 1,000 steps, 32 s. On the validation split:
  negative ELBO   98.31  nats
  unheardOf      0.5000

Pictures:
  samples  runs/it's mine/samples/samples.png
  walk     runs/it's mine/samples/walk.png

Try next:
  npx galatea sample 'runs/it'\\''s mine' -n 64 --out grid.png
  npx galatea evaluate 'runs/it'\\''s mine'
`;

test("for people: what happens on stderr, the summary on stdout", () => {
  const { stdout, stderr } = tell(told, false);
  expect(stderr).toBe(`training digits/vae for 1,000 steps in all: 1,234,567 parameters
  data  digits: 50,000 to train, 10,000 to validate, 10,000 to test
  on    ONNX Runtime on CPU, 2 threads
  run   runs/it's mine
warning: skipped 1 image(s)
warning: a damaged checkpoint was set aside
step 500: validation negative ELBO 105.5 nats, KL divergence 21 nats
`);
  expect(stdout).toBe(summary);
});

test("with --json: every event on stdout, all words for people on stderr", () => {
  const { stdout, stderr } = tell(told, true);
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as TrainEvent),
  ).toEqual(told);
  expect(stderr).toContain(summary.trimEnd());
});

test("a stopped run says how to go on; one that goes on says from where", () => {
  expect(tell([started, { type: "interrupted", step: 77 }], false).stderr).toContain(
    "stopped after step 77; everything is saved in runs/it's mine\n" +
      "go on with: galatea train digits/vae --out 'runs/it'\\''s mine' --resume\n",
  );
  expect(tell([{ ...started, fromStep: 77 } as TrainEvent], false).stderr).toMatch(
    /^going on with digits\/vae after step 77 for 1,000 steps in all/,
  );
});
