/** A training run as people and programs see it: events to a bar and lines, or to lines of JSON. */

import type {
  FinishedEvent,
  Metrics,
  PictureEvent,
  StartedEvent,
  TextsEvent,
  TrainEvent,
} from "../../src/run/index.ts";
import type { Output } from "./context.ts";
import { warningLine } from "./data-source.ts";
import { formatMetric, metricRows } from "./metric-text.ts";
import type { Progress } from "./progress.ts";
import { formatCount, formatDuration, formatNumber, formatTable } from "./text.ts";

export interface TrainViewOptions {
  readonly stdout: Output;
  readonly progress: Progress;
  /** The preset as the user named it. */
  readonly preset: string;
  /** Events go to stdout as JSON; the summary for people goes where progress goes. */
  readonly json: boolean;
}

export interface TrainView {
  show(event: TrainEvent): void;
}

/** Shows the events of one run. */
export function createTrainView({ stdout, progress, preset, json }: TrainViewOptions): TrainView {
  let run = "";
  let steps = 0;
  let texts: TextsEvent | undefined;
  let files: readonly string[] = [];
  let told: StartedEvent["told"];
  const pictures = new Map<PictureEvent["kind"], string>();

  const showPeople = (event: TrainEvent): void => {
    switch (event.type) {
      case "started":
        ({ run, steps, told } = event);
        progress.say(startLine(event));
        break;
      case "progress": {
        const { step, loss, stepsPerSecond, secondsLeft } = event;
        const facts = [`loss ${formatNumber(loss)}`, `${formatRate(stepsPerSecond)} steps/s`];
        progress.show({ task: "training", done: step, total: event.steps, facts, secondsLeft });
        break;
      }
      case "evaluated":
        // The summary tells the last one.
        if (event.step < steps)
          progress.say(`step ${formatCount(event.step)}: validation ${metricsLine(event.metrics)}`);
        break;
      case "picture":
        pictures.set(event.kind, event.path);
        break;
      case "files":
        files = event.paths;
        break;
      case "texts":
        if (event.step < steps) progress.say(`step ${formatCount(event.step)} writes: ${oneLine(event.texts[0])}`);
        else texts = event;
        break;
      case "warning":
        progress.say(warningLine(event.message));
        break;
      case "interrupted":
        progress.clear();
        progress.say(`stopped after step ${formatCount(event.step)}; everything is saved in ${run}`);
        progress.say(`go on with: galatea train ${quote(preset)} --out ${quote(run)} --resume`);
        break;
      case "finished": {
        progress.clear();
        const text = summary(event, run, { pictures, texts, files, told });
        if (json) progress.say(text.trimEnd());
        else stdout.write(text);
        break;
      }
      case "step":
      case "checkpoint":
        break;
    }
  };

  return {
    show: (event) => {
      if (json) stdout.write(`${JSON.stringify(event)}\n`);
      showPeople(event);
    },
  };
}

function startLine({ preset, run, fromStep, steps, parameterCount, data, backend }: StartedEvent): string {
  const { name, train, validation, test } = data;
  const start = fromStep === 0 ? `training ${preset}` : `going on with ${preset} after step ${formatCount(fromStep)}`;
  const splits = `${formatCount(train)} to train, ${formatCount(validation)} to validate, ${formatCount(test)} to test`;
  return [
    `${start} for ${formatCount(steps)} steps in all: ${formatCount(parameterCount)} parameters`,
    `  data  ${name}: ${splits}`,
    `  on    ${backend}`,
    `  run   ${run}`,
  ].join("\n");
}

function formatRate(perSecond: number): string {
  return perSecond >= 9.95 ? perSecond.toFixed(0) : perSecond.toFixed(perSecond >= 0.995 ? 1 : 3);
}

function metricsLine(metrics: Metrics): string {
  return Object.entries(metrics)
    .map(([name, value]) => formatMetric(name, value))
    .join(", ");
}

/** The beginning of a text, on one line. */
function oneLine(text: string): string {
  const line = JSON.stringify(text.slice(0, 80)).slice(1, -1);
  return text.length > 80 ? `${line}...` : line;
}

/** What was made at the end of training. */
interface Shown {
  readonly pictures: ReadonlyMap<string, string>;
  readonly texts: TextsEvent | undefined;
  readonly files: readonly string[];
  readonly told: StartedEvent["told"];
}

/** What to add to `galatea sample` for something worth seeing. */
function wishesToTry({ texts, files, told }: Shown): string {
  if (told) return told.map(({ name, what }) => ` --condition ${quote(`${name}=<${what}>`)}`).join("");
  if (texts) return ` --condition ${quote(`text=${promptOf(texts.texts[0])}`)}`;
  return files.length > 0 ? "" : " -n 64 --out grid.png";
}

function summary(event: FinishedEvent, run: string, made: Shown): string {
  const { pictures, texts, files } = made;
  const { step, seconds, metrics } = event;
  const shown = [...pictures].map(([kind, path]) => [`  ${kind}`, path]);
  return [
    `\nDone: ${formatCount(step)} steps, ${formatDuration(seconds)}. On the validation split:\n`,
    formatTable(
      metricRows(metrics).map(([name, ...rest]) => [`  ${name}`, ...rest]),
      { right: [1] },
    ),
    ...(shown.length > 0 ? ["\nPictures:\n", formatTable(shown)] : []),
    ...(files.length > 0 ? ["\nFiles:\n", ...files.map((path) => `  ${path}\n`)] : []),
    ...(texts ? [`\nTexts in ${texts.path}, the first of them:\n\n${texts.texts[0]}\n`] : []),
    "\nTry next:\n",
    `  npx galatea sample ${quote(run)}${wishesToTry(made)}\n`,
    `  npx galatea evaluate ${quote(run)}\n`,
  ].join("");
}

/** What one could say to a model that writes such texts: what this one was an answer to, or how it begins. */
function promptOf(text: string): string {
  const [source, answer] = text.split("\n=> ");
  return answer === undefined ? source.trim().split(/\s+/).slice(0, 2).join(" ") : source;
}

/** A word for the shell. */
function quote(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
