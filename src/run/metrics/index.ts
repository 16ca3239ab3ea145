/** Scores: numbers that say how good samples and models are. Pure functions of plain numbers. */

export { type MetricTitle, metricTitle } from "./metric-titles.ts";
export { logMeanExp, type RunningMean, runningMean } from "./running-mean.ts";
