/** `galatea evaluate`: how good a trained run is on data that it has not seen. */

import { availableParallelism, homedir } from "node:os";
import { join } from "node:path";
import type { LoadedModel } from "../../../src/engine/index.ts";
import { loadOnnxModel } from "../../../src/platform/node/index.ts";
import {
  defaultCacheFolder,
  type Evaluation,
  evaluate,
  type FeatureExtractor,
  onnxExtractor,
  openRun,
  parseWishes,
  readingOf,
  runPaths,
  writeFileAtomically,
} from "../../../src/run/index.ts";
import { writePicture } from "../../../src/run/pictures/index.ts";
import { openBackend } from "../backend.ts";
import type { Run } from "../context.ts";
import { loadData, warningLine } from "../data-source.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { metricRows } from "../metric-text.ts";
import type { OptionValues } from "../option-spec.ts";
import type { evaluateCommand } from "../options.ts";
import { loadPreset } from "../preset-source.ts";
import { createProgress } from "../progress.ts";
import { formatCount, formatNumber, formatTable } from "../text.ts";

export const runEvaluate: Run<typeof evaluateCommand> = async ({ run: directory }, values, context) => {
  const { stdout, stderr, environment } = context;
  const run = await openRun(directory, loadPreset);
  // Examples say what they are told: only how answers are made is left to say.
  const wishes = await parseWishes({ ...run.family, conditions: {} }, values.condition);
  const progress = createProgress(stderr, { now: () => performance.now(), environment });
  // Nothing is lost with an evaluation: Ctrl-C ends it at once.
  const interrupt = listenForInterrupt(() => progress.end());
  try {
    const data = await loadData(values.data ?? run.record.data.source, context, progress, readingOf(run));
    for (const note of [...run.notes, ...data.notes]) progress.say(warningLine(note));
    const threads = values.threads ?? availableParallelism();
    const net = values.features === undefined ? undefined : await loadOnnxModel(values.features, { threads });
    const backend = await openBackend({ ...values, threads });
    const picture = join(runPaths(directory).samples, "nearest-training-examples.png");
    try {
      const evaluation = await evaluate({
        backend,
        run,
        data,
        samples: values.samples,
        wishes,
        cacheFolder: defaultCacheFolder(environment, homedir()),
        ...(values.metrics && { metrics: values.metrics }),
        ...(net && { extractor: extractorOf(net, values) }),
        onPicture: async (drawn) => {
          await writePicture(picture, drawn);
          progress.say(`nearest training examples of samples in ${picture}`);
        },
        onAnswers: async (answers) => {
          const path = join(runPaths(directory).samples, "answers.jsonl");
          await writeFileAtomically(path, answers.map((answer) => `${JSON.stringify(answer)}\n`).join(""));
          progress.say(`answers in ${path}`);
        },
        onProgress: (done, total, what) => progress.show({ task: `evaluating ${what}`, done, total }),
      });
      progress.clear();
      if (values.json) stdout.write(`${JSON.stringify(evaluation)}\n`);
      else
        stdout.write(
          report(evaluation, `${directory} after ${formatCount(run.step)} steps, test split of ${data.name}`),
        );
      return 0;
    } finally {
      await backend.dispose();
      await net?.dispose();
    }
  } finally {
    interrupt.end();
    progress.end();
  }
};

function extractorOf(
  model: LoadedModel,
  { featureRange, featureOutput }: OptionValues<typeof evaluateCommand>,
): FeatureExtractor {
  return onnxExtractor({ model, range: featureRange, ...(featureOutput !== undefined && { output: featureOutput }) });
}

function report({ metrics, details }: Evaluation, about: string): string {
  const rows = metricRows(metrics).map(([title, value, unit], at) => {
    const { standardError, examples, provenance, note = "" } = details[Object.keys(metrics)[at]];
    const error = Number.isFinite(standardError) ? `± ${formatNumber(standardError)}` : "";
    return [title, value, error, unit, `${formatCount(examples)} ${provenance ? "samples" : "examples"}`, note];
  });
  return `${about}\n\n${formatTable(rows, { right: [1, 4] })}`;
}
