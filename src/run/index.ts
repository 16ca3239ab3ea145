/** The product's verbs, over any family and any backend: train, sample, evaluate, and what they keep.
 * Never imports a platform: an app builds a backend and passes it down. */

export { answerMetricNames } from "./answer-metrics.ts";
export { type Answer, type AnswerOptions, answerExamples } from "./answers.ts";
export { type ClassifierTraining, openClassifier, type TrainedClassifier } from "./classifier.ts";
export * from "./data/index.ts";
export { galateaVersion, holdsRun, type RunPaths, type RunRecord, readRunRecord, runPaths } from "./directory.ts";
export { type EvaluateOptions, type Evaluation, evaluate, type MetricDetail, metricNames } from "./evaluate.ts";
export type * from "./events.ts";
export { requireWritable, writeFileAtomically } from "./files.ts";
export { usualFormat } from "./gallery.ts";
export { type ImportedModel, importGpt2 } from "./import-gpt2.ts";
export { type InsideAxis, type InsideMaps, lookInside } from "./inside.ts";
export { type ExampleInside, inspectExamples } from "./inside-examples.ts";
export { type InsidePicture, insidePictures } from "./inside-pictures.ts";
export * from "./metrics/index.ts";
export {
  batchTypes,
  createModel,
  type DeviceParameters,
  type HostBatch,
  loadParameters,
  type Model,
  toHostBatch,
} from "./model.ts";
export { type OpenedRun, openRun, type PresetLoader, readingOf, tellingOf, uploadWeights } from "./opened-run.ts";
export { attentionOverPixels } from "./pictures/index.ts";
export * from "./presets/index.ts";
export { type ProfileOptions, profile, profileSteps, type StepProfile } from "./profile.ts";
export { largestShares, nameOfLayer, writeProfilePicture } from "./profile-picture.ts";
export {
  askedClass,
  missingWish,
  namesToTell,
  noWishes,
  parseWishes,
  sampleRequest,
  type Telling,
  type Wishes,
} from "./requests.ts";
export { kindOfSamples, openSampler, type SampleRequestOptions, type Sampler } from "./sample.ts";
export {
  type DistributionMetric,
  distributionMetrics,
  type Provenance,
  type Score,
  type ScoreSamplesOptions,
  scoreSamples,
} from "./score-samples.ts";
export type { LiveValue, MemoryProfile, TimelineEntry, TimeProfile, TimeShare } from "./step-profile.ts";
export { type StreamTextOptions, streamText } from "./stream-text.ts";
export { textPage } from "./text-samples.ts";
export { type TrainOptions, train } from "./train.ts";
export { createTrainingStep, type TrainingStep } from "./training-step.ts";
