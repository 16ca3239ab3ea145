/** MODEL_CARD.md: what a run is, for whoever gets its folder. Without times and paths, so that equal runs
 * write equal bytes.
 *
 * Source: the headings follow Mitchell et al., "Model cards for model reporting" (2019), as far as a
 * program can know the answers. */

import { formatShape } from "../core/index.ts";
import type { Family, FieldTypes } from "../learn/models/index.ts";
import type { DataSplits } from "./data/index.ts";
import { galateaVersion } from "./directory.ts";
import type { Metrics } from "./events.ts";
import { makesPictures } from "./gallery.ts";
import { validationCount } from "./judge.ts";
import { metricTitle } from "./metrics/index.ts";
import type { Preset, SharedConfig } from "./presets/index.ts";

/** The card's name in a run directory. */
export const modelCardFile = "MODEL_CARD.md";

/** What a card tells of. */
export interface ModelCardFacts {
  readonly preset: Pick<Preset, "name" | "summary">;
  /** Where the preset came from when it is none of ours. */
  readonly presetFile?: string;
  readonly family: Pick<Family, "name" | "inputs" | "outputs">;
  /** All of it is shown. */
  readonly config: Pick<SharedConfig, "steps" | "seed" | "validationExamples">;
  readonly data: DataSplits;
  /** What the user named as data: a name, or a path of which only the last part is shown; its name where absent. */
  readonly source?: string;
  readonly backend: { readonly name: string; readonly threads: number };
  readonly parameterCount: number;
  /** Final metrics over the validation split. */
  readonly metrics: Metrics;
}

/** The card as Markdown. */
export function modelCard(facts: ModelCardFacts): string {
  const sections = [
    `# ${facts.preset.name}\n\nThis model is ${facts.preset.summary}.`,
    modelSection(facts),
    dataSection(facts),
    trainingSection(facts),
    resultsSection(facts),
    filesSection(facts),
    useSection,
    limitsSection,
  ];
  return `${sections.join("\n\n")}\n`;
}

function modelSection({ preset, presetFile, family, parameterCount }: ModelCardFacts): string {
  const from = presetFile === undefined ? "" : `, from a file of one's own, ${code(lastPart(presetFile))}`;
  const rows = [
    ["preset", code(preset.name) + from],
    ["family", code(family.name)],
    ["parameters", formatCount(parameterCount)],
    ["reads", formatFields(family.inputs)],
    ["makes", formatFields(family.outputs)],
  ];
  return `## Model\n\n${table(["", ""], rows)}`;
}

function dataSection({ data, source }: ModelCardFacts): string {
  const { train, validation, test } = data;
  const rows = [
    ["data set", code(data.name)],
    ["content", oneLine(data.description)],
    ["source", code(lastPart(source ?? data.name))],
    ["training examples", formatCount(train.count)],
    ["validation examples", formatCount(validation.count)],
    ["test examples", formatCount(test.count)],
    ["fields", formatFields(train.fields)],
    ...(train.classes ? [["classes", train.classes.map(code).join(", ")]] : []),
  ];
  return `## Data\n\n${table(["", ""], rows)}`;
}

function trainingSection({ preset, presetFile, config, backend }: ModelCardFacts): string {
  const rows = [
    ["steps", formatCount(config.steps)],
    ["seed", String(config.seed)],
    ["backend", code(backend.name)],
    ["threads", String(backend.threads)],
    ["Galatea", galateaVersion],
  ];
  const options = Object.entries(config).map(([name, value]) => [code(name), code(JSON.stringify(value))]);
  const paragraphs = [
    "## Training",
    table(["", ""], rows),
    "On the same machine, these with the same data and the options below give the same weights.",
    table(["option", "value"], options),
    ...(presetFile === undefined ? [`\`galatea presets ${preset.name}\` says what each option means.`] : []),
  ];
  return paragraphs.join("\n\n");
}

function resultsSection({ metrics, data, config }: ModelCardFacts): string {
  const rows = Object.entries(metrics).map(([name, value]) => [
    code(name),
    formatNumber(value),
    metricTitle(name).unit,
  ]);
  if (rows.length === 0) return "## Results\n\nNone were measured while training.";
  const how = [
    `Means over ${formatCount(validationCount(config, data))} validation examples after step ${formatCount(config.steps)}.`,
    "The model was not trained on them, but its options may have been chosen by them; `galatea evaluate` judges it on",
    "the test examples.",
  ];
  return `## Results\n\n${how.join("\n")}\n\n${table(["metric", "value", "unit"], rows)}`;
}

function filesSection({ family }: ModelCardFacts): string {
  const rows = [
    ["`config.json`", "all that decides the numbers of the run"],
    ["`metrics.jsonl`", "metrics by step, one JSON object a line"],
    ["`events.out.tfevents.*`", "the same for TensorBoard"],
    ["`checkpoints/*.safetensors`", "weights and the optimizer's state"],
    ...(makesPictures(family.outputs) ? [["`samples/`", "pictures of what the model makes"]] : []),
  ];
  return `## Files\n\n${table(["file", "content"], rows)}`;
}

const useSection = `## How to use it

\`<run>\` is the folder of this card.

\`\`\`sh
galatea sample <run> -n 64 --seed 0   # new examples; the same seed gives the same ones
galatea evaluate <run>                # scores on the test examples
tensorboard --logdir <run>            # curves
\`\`\``;

const limitsSection = `## Intended use

To make new examples that resemble the data above, for study, experiments and tests. Nothing was measured
beyond the results above: that the model is fit for a use has to be shown for that use, by somebody who
answers for it.

## Limits

- **It can reproduce training examples**, exactly or nearly. Where the data is private or protected, treat the
  weights and the samples like the data itself.
- **Its samples are not evidence.** They are made up: they show nothing that exists or happened. Say that they are
  generated wherever you show them.
- **The bias of the data carries over**, and can grow. What is rare or missing in the data is rarer or missing
  here; errors and prejudices in the data return in the samples.
- **Averages hide failures.** A good mean score does not make each sample good, nor every kind of example well
  covered. On inputs unlike its data, the model's answers mean little.
- **Rights and consent are not recorded here.** The data's licence, and what the people in it agreed to, bind the
  model and its samples too.`;

/** A Markdown table; text in cells is data and stays in its cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** Text as it stands, whatever it is. */
function code(text: string): string {
  return `\`${oneLine(text).replaceAll("`", "'")}\``;
}

/** Of a path only what does not tell of the machine. */
function lastPart(path: string): string {
  return (
    path
      .split(/[\\/]/)
      .filter((part) => part !== "")
      .at(-1) ?? path
  );
}

function formatFields(fields: FieldTypes): string {
  return Object.entries(fields)
    .map(([name, { dtype, shape }]) => `${code(name)} ${dtype}${formatShape(shape)}`)
    .join(", ");
}

function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** Six significant digits; metrics.jsonl has all. */
function formatNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}
