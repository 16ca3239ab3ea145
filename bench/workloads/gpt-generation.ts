/** Our side of the workloads `gpt-generation` and `gpt-generation-16`: texts by the network of workload `gpt`. */

import { type Family, languageModel, tokenDecoder } from "../../src/learn/models/index.ts";
import { samplingContender } from "../sampling-contender.ts";
import type { ContenderProgram } from "../serve-contender.ts";
import allSizes from "./sizes.json" with { type: "json" };

/** A program that draws so many texts at a time. */
export function generation(name: "gpt-generation" | "gpt-generation-16"): ContenderProgram<never> {
  const { count, tokens: places, vocabulary, width, layers: depth, heads } = allSizes[name];
  const network = tokenDecoder({ vocabulary, places, width, depth, heads, positions: "learned", tied: false });
  const family = languageModel({ network: network as never, places, begin: 0 }) as Family;
  const free = { dtype: "int32", shape: [count, places], data: new Int32Array(count * places).fill(-1) } as const;
  return samplingContender({ family, count, conditions: { tokens: free } }) as ContenderProgram<never>;
}

export const program = generation("gpt-generation");
