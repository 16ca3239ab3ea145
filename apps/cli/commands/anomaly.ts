/** `galatea anomaly`: how odd images are to a model, and where. */

import { join } from "node:path";
import { GalateaError } from "../../../src/core/base/index.ts";
import type { NamedImages } from "../../../src/run/data/index.ts";
import { writeFileAtomically } from "../../../src/run/index.ts";
import { rows, writePicture } from "../../../src/run/pictures/index.ts";
import { type AnomalyScores, judgeAnomalies, scoreAnomalies } from "../../../src/run/tasks/index.ts";
import type { Run } from "../context.ts";
import { labelsFor, resultFolder, withImageTask } from "../image-task.ts";
import type { anomalyCommand } from "../task-options.ts";
import { formatNumber, formatTable } from "../text.ts";

const shown = 16;

export const runAnomaly: Run<typeof anomalyCommand> = ({ run: directory }, values, context) =>
  withImageTask(directory, values, context, async ({ run, task, images, progress }) => {
    const given = await images(values.data, values.limit);
    const labels = await labelsFor(run, given, values.condition);
    const folder = resultFolder(directory, "anomaly", values.out);
    const isOdd = values.normal && oddOnes(given, values.normal, run.record.data.classes);
    const options = { ...task("judging"), images: given, seed: values.seed, maps: true, ...(labels && { labels }) };
    const found = await scoreAnomalies(options);
    const auroc = isOdd && judgeAnomalies(found.scores, isOdd);
    await writeFileAtomically(join(folder, "scores.csv"), table(given, found.scores));
    const main = mainScore(found.scores, auroc);
    await writeOverview(join(folder, "overview.png"), given, found, main);
    progress.clear();
    const { stdout } = context;
    if (values.json) {
      stdout.write(`${JSON.stringify({ images: given.names.length, folder, ...(auroc && { auroc }) })}\n`);
      return 0;
    }
    const order = [...given.names.keys()].sort((a, b) => found.scores[main][b] - found.scores[main][a]);
    const oddest = order.slice(0, 10).map((i) => [given.names[i], formatNumber(found.scores[main][i])]);
    stdout.write(`The oddest of ${given.names.length} images, by ${main}:\n\n${formatTable(oddest, { right: [1] })}\n`);
    if (auroc) {
      const lines = Object.entries(auroc).map(([name, area]) => [name, area.toFixed(4)]);
      stdout.write(`Area under the ROC curve:\n\n${formatTable(lines, { right: [1] })}\n`);
    }
    stdout.write(`Scores of all in ${join(folder, "scores.csv")}, maps in ${join(folder, "overview.png")}\n`);
    return 0;
  });

/** Which images are none of the normal ones. */
function oddOnes(
  { labels }: NamedImages,
  normal: readonly string[],
  classes: readonly string[] = [],
): readonly boolean[] {
  // Of the run's classes the few images that were asked for may lack one.
  const known = [...new Set([...labels, ...classes])];
  const unknown = normal.find((label) => !known.includes(label));
  if (unknown !== undefined) {
    const names = known.filter((label) => label !== undefined);
    const right = names.length > 0 ? `the images' labels are ${names.join(", ")}` : "the images lie in no sub-folders";
    throw new GalateaError("usage", "--normal", `no image has the label ${unknown}`, right);
  }
  const isOdd = labels.map((label) => label === undefined || !normal.includes(label));
  if (isOdd.includes(true) && isOdd.includes(false)) return isOdd;
  const right = "to be judged, some must be of these labels and some of others";
  throw new GalateaError("usage", "--normal", isOdd[0] ? "all images are odd" : "none of the images is odd", right);
}

/** The score that tells best, where that is known; else the likelihood, or whatever there is. */
function mainScore(scores: AnomalyScores["scores"], auroc: Readonly<Record<string, number>> | undefined): string {
  const names = Object.keys(scores);
  if (auroc) return names.reduce((best, name) => (auroc[name] > auroc[best] ? name : best));
  return names.includes("likelihood") ? "likelihood" : names[0];
}

function table({ names, labels }: NamedImages, scores: AnomalyScores["scores"]): string {
  const quote = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const columns = Object.keys(scores);
  const lines = names.map((name, i) =>
    [quote(name), quote(labels[i] ?? ""), ...columns.map((column) => scores[column][i])].join(","),
  );
  return `${["image", "label", ...columns].join(",")}\n${lines.join("\n")}\n`;
}

/** The oddest images and, below each, where it is odd: from dark to light. */
async function writeOverview(path: string, given: NamedImages, found: AnomalyScores, main: string): Promise<void> {
  if (!found.maps) return;
  const [count, channels, height, width] = given.shape;
  const values = found.scores[main];
  const order = [...given.names.keys()].sort((a, b) => values[b] - values[a]).slice(0, Math.min(shown, count));
  const area = height * width;
  const size = channels * area;
  const picked = new Float32Array(order.length * size);
  const maps = new Float32Array(order.length * size);
  const largest = order.reduce(
    (most, i) => found.maps?.subarray(i * area, (i + 1) * area).reduce((a, b) => Math.max(a, b), most) ?? most,
    0,
  );
  for (const [at, i] of order.entries()) {
    for (let p = 0; p < size; p++) {
      picked[at * size + p] = given.data[i * size + p] / 255;
      maps[at * size + p] = found.maps[i * area + (p % area)] / (largest || 1);
    }
  }
  await writePicture(path, rows([picked, maps], [order.length, channels, height, width], { columns: order.length }));
}
