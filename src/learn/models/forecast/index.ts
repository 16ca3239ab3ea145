/** Forecasts of time series. */

export {
  type ForecastDistribution,
  forecastDistributions,
  forecastLevels,
  type StandardDistribution,
  standardDistributions,
} from "./distributions.ts";
export { type ForecasterOptions, type ForecasterParameters, forecaster, type PastReader } from "./forecaster.ts";
export {
  type LstmReaderOptions,
  lstmReader,
  type PatchTransformerOptions,
  patchTransformer,
} from "./readers.ts";
