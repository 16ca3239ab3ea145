/** Data: sets of examples read from files, split, and handed out in batches.
 *
 * Gives plain arrays on the host; must not know models, backends, environment variables or where an
 * app keeps its files. */

export { type BatchOrder, batchIndices, createBatchOrder, prefetch } from "./batches.ts";
export { decodeBinaryTable, loadBinaryTable } from "./binary-table.ts";
export * from "./captions/index.ts";
export {
  type DataListing,
  defaultCacheFolder,
  fetchData,
  listData,
  resolveData,
} from "./catalog.ts";
export { type ClipFolderOptions, loadClipFolder } from "./clip-folder.ts";
export {
  type Batch,
  type DataSplits,
  type Dataset,
  type FieldType,
  type FieldValues,
  memoryDataset,
  subset,
  type Tokenizers,
  type Vocabulary,
  type Wording,
} from "./dataset.ts";
export {
  entropyOf,
  gaussianGrid,
  gaussianMixture,
  gaussianRing,
  type Modes,
  type PlaneDensity,
  planeDensities,
} from "./densities.ts";
export { type DomainsOptions, joinDomains, loadDomains } from "./domains.ts";
export { decodeIdx, type IdxArray, readIdx } from "./idx.ts";
export { loadIdxFile, loadIdxFolder } from "./idx-images.ts";
export { type ImageFolderOptions, loadImageFolder } from "./image-folder.ts";
export { cutBatch, type LengthClasses, lengthClasses, shareOf } from "./lengths.ts";
export { bouncingPath, type MovingDigitsOptions, movingDigits, type Place } from "./moving-digits.ts";
export * from "./music/index.ts";
export type { DataOptions } from "./named-data.ts";
export { holdsImages, type NamedImages, readNamedImages } from "./named-images.ts";
export { firstOfEachClass, type Narrowing, narrowSplits, splitSource } from "./narrow.ts";
export { paintDigit, paintedDigits } from "./painted-digits.ts";
export { loadPath, type PathOptions, type Reading } from "./path.ts";
export { drawPoints } from "./points.ts";
export { type PrincipalPlane, principalPlane } from "./principal-plane.ts";
export * from "./series/index.ts";
export * from "./sound/index.ts";
export type { Teller, Tellers, Told } from "./teller.ts";
export { tellersOf } from "./tellers.ts";
export * from "./text/index.ts";
export { loadVectors, type NumberTable, readNumbers } from "./vectors.ts";
