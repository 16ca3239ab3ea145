/** Scores: numbers that say how good samples and models are. Pure functions of plain numbers. */

export { logMeanExp, type RunningMean, runningMean } from "./running-mean.ts";
