/** Metrics of what a trained model makes: its samples, drawn and compared with the data. */

import { GalateaError } from "../core/index.ts";
import type { Backend } from "../engine/index.ts";
import { hasLabelledImages, imagesOf, openClassifier, type TrainedClassifier } from "./classifier.ts";
import { type DataSplits, type Dataset, subset } from "./data/index.ts";
import { type DrawnSamples, drawSamples } from "./draw-samples.ts";
import {
  type Extracted,
  type FeatureExtractor,
  type Features,
  type ImageSet,
  type MemorizationScores,
  modeScores,
  toBytes,
} from "./metrics/index.ts";
import type { DeviceParameters, Model } from "./model.ts";
import { type Picture, rows } from "./pictures/index.ts";
import {
  type DistributionMetric,
  distributionMetrics,
  type Provenance,
  type Score,
  scoreSamples,
} from "./score-samples.ts";
import { streamKey } from "./training-step.ts";

export interface SampleMetricOptions {
  readonly backend: Backend;
  readonly model: Model;
  readonly parameters: DeviceParameters;
  readonly data: DataSplits;
  readonly seed: number;
  readonly metrics: readonly string[];
  /** Samples to draw; 2,000 where absent. */
  readonly samples?: number;
  /** The classifier of the data's labels where absent. */
  readonly extractor?: FeatureExtractor;
  readonly cacheFolder?: string;
  /** Training steps of classifiers; what these find usual where absent. */
  readonly classifierSteps?: number;
  readonly onProgress?: (done: number, total: number, what: string) => void;
  /** Gets the picture of samples beside their nearest training examples, where these were asked for. */
  readonly onPicture?: (picture: Picture) => Promise<void>;
  readonly signal?: AbortSignal;
}

const usualSamples = 2000;

/** Examples of the test split that samples are compared with, at most; and of the training split. */
const [mostReference, mostTraining] = [10_000, 50_000];

/** Modes of a density, of data that knows its own. */
const modeMetrics = ["modesCovered", "shareWithinModes"] as const;
const vectorMetrics = ["precision", "recall", "density", "coverage", "nearestNeighbourRatio", "shareTooNear"] as const;
const pixelMetrics = { nearestPixelRatio: "nearestNeighbourRatio", shareTooNearPixels: "shareTooNear" } as const;

/** Every name that this file knows. */
export const sampleMetricNames: readonly string[] = [
  ...distributionMetrics,
  ...Object.keys(pixelMetrics),
  "conditionalAccuracy",
  ...modeMetrics,
];

/** Names of the sample metrics that a model and its data allow. */
export function offeredSampleMetrics(
  { outputs, conditions }: Model["family"],
  data: DataSplits,
  extractor?: Pick<FeatureExtractor, "record">,
): readonly string[] {
  if (outputs.image && data.test.fields.image) {
    const isLabelled = hasLabelledImages(data.train);
    const withProbabilities = isLabelled && extractor === undefined;
    return [
      ...(isLabelled || extractor
        ? distributionMetrics.filter((name) => name !== "inceptionScore" || withProbabilities)
        : []),
      ...Object.keys(pixelMetrics),
      ...(isLabelled && conditions?.label ? ["conditionalAccuracy"] : []),
    ];
  }
  if (outputs.vector && data.test.fields.vector) return [...vectorMetrics, ...(data.test.modes ? modeMetrics : [])];
  return [];
}

/**
 * Draws samples and judges them.
 * @throws GalateaError `config` when the number of samples is out of range; `data` when the extractor does not fit.
 */
export async function judgeSamples(options: SampleMetricOptions): Promise<ReadonlyMap<string, Score>> {
  const { model, parameters, seed, samples: count = usualSamples, onProgress, signal } = options;
  if (!Number.isInteger(count) || count < 2 || count > 1e6) {
    throw new GalateaError("config", "--samples", `is ${count}`, "it must be a whole number from 2 to 1000000");
  }
  const output = model.family.outputs.image ? "image" : "vector";
  const drawn = await drawSamples({
    model,
    parameters,
    key: streamKey(seed, "samples"),
    count,
    output,
    ...(onProgress && { onProgress: (done, total) => onProgress(done, total, "samples") }),
    ...(signal && { signal }),
  });
  return output === "image" ? judgeImages(options, drawn, count) : judgeVectors(options, drawn, count);
}

async function judgeImages(
  options: SampleMetricOptions,
  drawn: DrawnSamples,
  count: number,
): Promise<ReadonlyMap<string, Score>> {
  const { backend, data, metrics, seed, onProgress } = options;
  const samples = toBytes({ shape: [count, ...data.test.fields.image.shape], data: drawn.data });
  const scores = new Map<string, Score>();
  const progress = (what: string) => (done: number, total: number) => onProgress?.(done, total, what);
  const chosen = distributionMetrics.filter((name) => metrics.includes(name));
  const needsTraining = (names: readonly DistributionMetric[]): boolean =>
    names.some((name) => name === "fidOfTraining" || name === "nearestNeighbourRatio" || name === "shareTooNear");
  const key = streamKey(seed, "evaluate");
  const reference = await gatherImages(data.test, mostReference);
  const scoreWith = async (extractor: FeatureExtractor): Promise<void> => {
    const extract = (images: ImageSet): Promise<Extracted> => extractor.extract(images, progress("features"));
    const training = needsTraining(chosen) && (await extract(await gatherImages(data.train, mostTraining)));
    const found = await scoreSamples({
      backend,
      key,
      metrics: chosen,
      samples: await extract(samples),
      reference: await extract(reference),
      ...(training && { training }),
      referenceSplit: "test",
      features: extractor.record,
    });
    for (const [name, score] of found) scores.set(name, score);
  };
  if (chosen.length > 0 && options.extractor) await scoreWith(options.extractor);
  else if (chosen.length > 0) {
    await withClassifier(options, data.train, data.test, 0, scoreWith);
  }

  const byPixels = Object.entries(pixelMetrics).filter(([name]) => metrics.includes(name));
  if (byPixels.length > 0) {
    const training = await gatherImages(data.train, mostTraining);
    const found = await scoreSamples({
      backend,
      key,
      metrics: byPixels.map(([, metric]) => metric),
      samples: { features: pixelsOf(samples) },
      reference: { features: pixelsOf(reference) },
      training: { features: pixelsOf(training) },
      referenceSplit: "test",
      features: { name: "pixels", layer: "values from 0 to 1", resize: "none", range: "unit", sha256: "" },
      onMemorization: async (neighbours) => {
        await options.onPicture?.(neighbourPicture(samples, training, neighbours));
      },
    });
    for (const [name, metric] of byPixels) scores.set(name, found.get(metric) as Score);
  }
  if (metrics.includes("conditionalAccuracy")) {
    // Neither the model nor the net of the features has seen these examples.
    const others = joined(data.validation, data.test);
    const judged = subset(data.train, range(Math.min(mostReference, data.train.count)));
    await withClassifier(options, others, judged, 1, async (reader) => {
      scores.set("conditionalAccuracy", await accuracyAsTold(reader, samples, drawn.told.label, others.count));
    });
  }
  return scores;
}

async function withClassifier(
  { backend, cacheFolder, classifierSteps, onProgress, signal }: SampleMetricOptions,
  train: Dataset,
  test: Dataset,
  seed: number,
  use: (net: TrainedClassifier) => Promise<void>,
): Promise<void> {
  const net = await openClassifier({
    backend,
    train,
    test,
    seed,
    ...(cacheFolder !== undefined && { cacheFolder }),
    ...(classifierSteps !== undefined && { steps: classifierSteps }),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  try {
    await use(net);
  } finally {
    await net.dispose();
  }
}

async function accuracyAsTold(
  reader: TrainedClassifier,
  samples: ImageSet,
  told: Int32Array,
  referenceCount: number,
): Promise<Score> {
  const read = await reader.labels(samples);
  const right = read.reduce((sum, label, i) => sum + (label === told[i] ? 1 : 0), 0);
  const value = right / told.length;
  const provenance: Provenance = {
    sampleCount: told.length,
    referenceCount,
    referenceSplit: "validation and test, which the reader was trained on",
    features: reader.record,
  };
  return { value, standardError: Math.sqrt((value * (1 - value)) / told.length), provenance };
}

async function judgeVectors(
  { backend, data, metrics, seed }: SampleMetricOptions,
  drawn: DrawnSamples,
  count: number,
): Promise<ReadonlyMap<string, Score>> {
  const scores = new Map<string, Score>();
  const [size] = data.test.fields.vector.shape;
  const samples: Features = { count, size, data: drawn.data };
  const reference = await gatherVectors(data.test, mostReference);
  const modes = data.test.modes;
  if (modes && modeMetrics.some((name) => metrics.includes(name))) {
    const { covered, within } = modeScores(samples, modes);
    const provenance: Provenance = {
      sampleCount: count,
      referenceCount: modes.centres.length,
      referenceSplit: "modes",
    };
    if (metrics.includes("modesCovered")) scores.set("modesCovered", { value: covered, provenance });
    if (metrics.includes("shareWithinModes")) {
      const standardError = Math.sqrt((within * (1 - within)) / count);
      scores.set("shareWithinModes", { value: within, standardError, provenance });
    }
  }
  const chosen = vectorMetrics.filter((name) => metrics.includes(name));
  if (chosen.length > 0) {
    const scale = standardizer(reference);
    const found = await scoreSamples({
      backend,
      key: streamKey(seed, "evaluate"),
      metrics: chosen,
      samples: { features: scale(samples) },
      reference: { features: scale(reference) },
      training: { features: scale(await gatherVectors(data.train, mostTraining)) },
      referenceSplit: "test",
      features: {
        name: "vectors",
        layer: "their values",
        resize: "none",
        range: "mean 0 and deviation 1 of the reference",
        sha256: "",
      },
    });
    for (const [name, score] of found) scores.set(name, score);
  }
  return scores;
}

/** Columns with mean 0 and standard deviation 1 of a set; a column of one value is only moved. */
function standardizer(reference: Features): (features: Features) => Features {
  const { count, size, data } = reference;
  const columns = Array.from({ length: size }, (_, d) => {
    let [sum, squares] = [0, 0];
    for (let i = 0; i < count; i++) sum += data[i * size + d];
    const mean = sum / count;
    for (let i = 0; i < count; i++) squares += (data[i * size + d] - mean) ** 2;
    return { mean, deviation: Math.sqrt(squares / count) || 1 };
  });
  return (features) => ({
    ...features,
    data: features.data.map((value, at) => (value - columns[at % size].mean) / columns[at % size].deviation),
  });
}

async function gatherImages(dataset: Dataset, most: number): Promise<ImageSet & { readonly data: Uint8Array }> {
  const count = Math.min(most, dataset.count);
  const { shape } = dataset.fields.image;
  const data = new Uint8Array(count * shape.reduce((product, extent) => product * extent, 1));
  let at = 0;
  for await (const { images } of imagesOf(dataset, count)) {
    data.set(images.data, at);
    at += images.data.length;
  }
  return { shape: [count, ...shape], data };
}

function range(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

async function gatherVectors(dataset: Dataset, most: number): Promise<Features> {
  const count = Math.min(most, dataset.count);
  const { vector } = await dataset.gather(range(count));
  return { count, size: dataset.fields.vector.shape[0], data: vector as Float32Array };
}

function pixelsOf({ shape, data }: ImageSet & { readonly data: Uint8Array }): Features {
  const [count] = shape;
  return { count, size: data.length / count, data: Float32Array.from(data, (value) => value / 255) };
}

/** The examples of two sets, one after the other. */
function joined(first: Dataset, second: Dataset): Dataset {
  return {
    ...first,
    name: `${first.name} and ${second.name}`,
    count: first.count + second.count,
    gather: async (indices) => {
      const each = await Promise.all(
        Array.from(indices, (index) => {
          return index < first.count ? first.gather([index]) : second.gather([index - first.count]);
        }),
      );
      const fields = Object.keys(first.fields).map((name) => {
        const parts = each.map((batch) => batch[name] as Uint8Array);
        const all = new (parts[0].constructor as Uint8ArrayConstructor)(
          parts.reduce((sum, { length }) => sum + length, 0),
        );
        let at = 0;
        for (const part of parts) {
          all.set(part, at);
          at += part.length;
        }
        return [name, all];
      });
      return Object.fromEntries(fields);
    },
  };
}

/** Samples that the picture shows: those nearest to a training example, which would be copies if any are. */
const samplesShown = 16;

/** The most suspicious samples in the top line, their three nearest training examples below each. */
function neighbourPicture(
  samples: ImageSet & { readonly data: Uint8Array },
  training: ImageSet & { readonly data: Uint8Array },
  { neighbours: { k, distances, indices } }: MemorizationScores,
): Picture {
  const [count, ...shape] = samples.shape;
  const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => distances[a * k] - distances[b * k]);
  const shown = order.slice(0, samplesShown);
  const size = samples.data.length / count;
  const pick = ({ data }: { readonly data: Uint8Array }, which: readonly number[]): Uint8Array => {
    const out = new Uint8Array(which.length * size);
    which.forEach((index, at) => {
      out.set(data.subarray(index * size, (index + 1) * size), at * size);
    });
    return out;
  };
  const lines = Array.from({ length: k }, (_, rank) =>
    pick(
      training,
      shown.map((i) => indices[i * k + rank]),
    ),
  );
  return rows([pick(samples, shown), ...lines], [shown.length, ...shape], { columns: shown.length });
}
