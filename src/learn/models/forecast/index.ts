/** Forecasts of time series. */

export { type ForecasterOptions, type ForecasterParameters, forecaster, type PastReader } from "./forecaster.ts";
export {
  type LstmReaderOptions,
  lstmReader,
  type PatchTransformerOptions,
  patchTransformer,
} from "./readers.ts";
