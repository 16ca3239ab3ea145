/** Scores: numbers that say how good samples and models are. Functions of plain numbers; heavy products run on a
 * backend that the caller gives. Knows no model, data set or run. */

export type { Extracted, FeatureExtractor, FeatureRecord } from "./features/extractor.ts";
export { type OnnxExtractorOptions, onnxExtractor } from "./features/onnx-extractor.ts";
export { rangeNames, toBytes, type ValueRange } from "./features/prepare-images.ts";
export { type Features, pickRows, requireFeatures, rowsOf } from "./features.ts";
export { frechetDistance, frechetFeatureDistance, type Moments, momentsOf } from "./frechet.ts";
export { type ImageSet, peakSignalToNoise, structuralSimilarity } from "./image-quality.ts";
export { type InceptionScore, inceptionScore } from "./inception-score.ts";
export { type KernelDistance, type KernelDistanceOptions, kernelDistance } from "./kernel-distance.ts";
export { type ManifoldOptions, type ManifoldScores, manifoldScores } from "./manifold.ts";
export { type MemorizationOptions, type MemorizationScores, memorization } from "./memorization.ts";
export { type MetricTitle, metricTitle } from "./metric-titles.ts";
export { type ModeCentres, type ModeScores, modeScores } from "./modes.ts";
export { type NeighbourOptions, type Neighbours, nearestNeighbours } from "./neighbours.ts";
export { areaUnderRoc } from "./ranking.ts";
export { logMeanExp, type RunningMean, runningMean } from "./running-mean.ts";
export * from "./series/index.ts";
export * from "./text/index.ts";
