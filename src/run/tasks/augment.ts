/** Whether generated images help a classifier that has few labelled ones. */

import { foldKey, formatShape, GalateaError, keyFromSeed, sameShape } from "../../core/base/index.ts";
import { openClassifier, requireLabelledImages } from "../classifier.ts";
import { type DataSplits, type Dataset, firstOfEachClass, memoryDataset, subset } from "../data/index.ts";
import { drawSamples } from "../draw-samples.ts";
import { toBytes } from "../metrics/index.ts";
import { requireAbility, type TaskOptions, withModel } from "./model-session.ts";

export interface AugmentOptions extends Omit<TaskOptions, "onProgress"> {
  /** Labelled images: a subset of the training split is learned from, the test split measures. */
  readonly data: DataSplits;
  /** Real examples of each class: the first of the training split. */
  readonly perClass: number;
  /** Generated images of each class. */
  readonly added: number;
  /** Repetitions, each with other weights to begin with, another order and other generated images; 2 or more. */
  readonly seeds: number;
  /** The first of the seeds. */
  readonly seed: number;
  /** Steps of each classifier, the same with and without generated images. */
  readonly steps: number;
  readonly onProgress?: (done: number, total: number, what: string) => void;
}

/** Mean and standard deviation over seeds. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

export interface Augmentation {
  /** Real and generated images that classifiers learned from, and test images that they read. */
  readonly real: number;
  readonly generated: number;
  readonly tested: number;
  readonly seeds: number;
  /** Share of test images read rightly, from real images alone, with generated ones, and the difference of a seed. */
  readonly alone: Spread;
  readonly augmented: Spread;
  readonly difference: Spread;
  /** Half of the 95% interval of the mean difference, by Student's t. */
  readonly margin: number;
  /** What can be said of the difference. */
  readonly verdict: "better" | "worse" | "no difference";
  /** Accuracies of each seed. */
  readonly accuracies: readonly { readonly alone: number; readonly augmented: number }[];
  /** Whether the generator may have learned from more examples than the classifier. */
  readonly warning?: string;
}

/**
 * Trains classifiers on a labelled subset alone, and on the subset with generated images; compares them on the test split.
 *
 * @throws GalateaError `usage` when the model cannot be told labels; `data` when the data lacks them, or its images or
 *   labels are not those that the run was trained on.
 */
export async function augment(options: AugmentOptions): Promise<Augmentation> {
  const { data, perClass, added, seeds, seed } = options;
  const chosen = await firstOfEachClass(requireFit(options), perClass, data.name);
  const real = subset(data.train, chosen, `${data.name}, ${chosen.length} examples`);
  const accuracies: Augmentation["accuracies"][number][] = [];
  for (let i = 0; i < seeds; i++) {
    const both = await withGenerated(options, real, seed + i);
    const about = `of ${seeds} pairs`;
    const alone = await accuracyFrom(options, real, seed + i, `classifier ${i + 1} ${about}, real images`);
    const augmented = await accuracyFrom(options, both, seed + i, `classifier ${i + 1} ${about}, generated ones too`);
    accuracies.push({ alone, augmented });
  }
  const generated = added * (data.train.classes?.length ?? 0);
  const warning = warningOf(options, real.count);
  return {
    real: real.count,
    generated,
    tested: data.test.count,
    ...compareAccuracies(accuracies),
    accuracies,
    ...(warning !== undefined && { warning }),
  };
}

/** The training split, which the run's images and labels belong to. */
function requireFit({ run, data }: AugmentOptions): Dataset {
  const { family, record } = run;
  const able = family.conditions?.label?.classes !== undefined && family.outputs.image !== undefined;
  requireAbility(
    run,
    able,
    "make images of a given label",
    "train digits/cvae, or a conditional GAN or diffusion model",
  );
  requireLabelledImages(data.train);
  const [made, wanted] = [family.outputs.image.shape, data.train.fields.image.shape];
  if (!sameShape(made, wanted)) {
    throw new GalateaError(
      "data",
      data.name,
      `its images are ${formatShape(wanted)}`,
      `the run's ${formatShape(made)}`,
    );
  }
  const [known, labels] = [record.data.classes ?? [], data.train.classes ?? []];
  if (known.join() === labels.join()) return data.train;
  throw new GalateaError("data", data.name, `its labels are ${labels.join(", ")}`, `the run knows ${known.join(", ")}`);
}

function warningOf({ run }: AugmentOptions, real: number): string | undefined {
  const { train, source } = run.record.data;
  if (train <= real) return undefined;
  return (
    `the run learned from ${train} examples of ${source}, the classifier from ${real}: what its images add may come from ` +
    "examples that the classifier has not got; for a fair answer train the run on as few, e.g. --data digits#perClass=50"
  );
}

/** A data set of real images and of generated ones. */
async function withGenerated(options: AugmentOptions, real: Dataset, seed: number): Promise<Dataset> {
  const { backend, run, added, onProgress, signal } = options;
  const classes = real.classes ?? [];
  const count = added * classes.length;
  const { shape } = real.fields.image;
  const drawn = await withModel({ backend, run }, ({ model, parameters }) =>
    drawSamples({
      model,
      parameters,
      key: foldKey(keyFromSeed(seed), 0x61756765),
      count,
      output: "image",
      ...(onProgress && { onProgress: (done, total) => onProgress(done, total, "generating images") }),
      ...(signal && { signal }),
    }),
  );
  const generated = toBytes({ shape: [count, ...shape], data: drawn.data });
  const batch = await real.gather(Array.from({ length: real.count }, (_, i) => i));
  const own = batch.image as Uint8Array;
  const images = new Uint8Array(own.length + generated.data.length);
  images.set(own);
  images.set(generated.data, own.length);
  const labels = Int32Array.from([...(batch.label as Int32Array), ...drawn.told.label]);
  const fields = {
    image: { dtype: "uint8", shape, data: images },
    label: { dtype: "int32", shape: [], data: labels },
  } as const;
  return memoryDataset(`${real.name} and ${count} of ${run.preset.name}`, labels.length, fields, classes);
}

async function accuracyFrom(
  { backend, data, steps, onProgress, signal }: AugmentOptions,
  train: Dataset,
  seed: number,
  what: string,
): Promise<number> {
  const net = await openClassifier({
    backend,
    train,
    test: data.test,
    seed,
    steps,
    ...(onProgress && { onProgress: (done, total) => onProgress(done, total, what) }),
    ...(signal && { signal }),
  });
  await net.dispose();
  return net.accuracy;
}

/** Spreads over seeds, and whether the mean difference is larger than chance would make it in one of twenty cases. */
export function compareAccuracies(
  accuracies: Augmentation["accuracies"],
): Pick<Augmentation, "seeds" | "alone" | "augmented" | "difference" | "margin" | "verdict"> {
  const seeds = accuracies.length;
  if (seeds < 2) throw new GalateaError("usage", "--seeds", `got ${seeds}`, "a spread needs at least 2");
  const difference = spreadOf(accuracies.map(({ alone, augmented }) => augmented - alone));
  const margin = (studentQuantile(seeds - 1) * difference.deviation) / Math.sqrt(seeds);
  const isClear = Math.abs(difference.mean) > margin;
  return {
    seeds,
    alone: spreadOf(accuracies.map(({ alone }) => alone)),
    augmented: spreadOf(accuracies.map(({ augmented }) => augmented)),
    difference,
    margin,
    verdict: isClear ? (difference.mean > 0 ? "better" : "worse") : "no difference",
  };
}

function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/** Of 1 to 4 degrees of freedom, where the series below is off. */
const smallQuantiles = [12.706, 4.303, 3.182, 2.776];

/**
 * The 97.5% quantile of Student's t: to three digits.
 *
 * Source: the expansion by the normal quantile in Abramowitz and Stegun (1964), 26.7.5.
 */
export function studentQuantile(freedom: number): number {
  const z = 1.959964;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return smallQuantiles[freedom - 1] ?? z + first / freedom + second / freedom ** 2 + third / freedom ** 3;
}
