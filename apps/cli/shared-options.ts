/** Options that several commands have. Imports next to nothing, because `galatea --help` waits for it. */

import type { OptionSpec } from "./option-spec.ts";

export const data = { name: "data", flag: "--data", type: "text", value: "path|name" } as const;
export const seed = { name: "seed", flag: "--seed", type: "integer", value: "N", minimum: 0 } as const;
export const pairsOf = { name: "set", flag: "--set", type: "pairs", value: "key=value" } as const;
export const threads = {
  name: "threads",
  flag: "--threads",
  type: "integer",
  value: "N",
  minimum: 1,
  maximum: 1024,
} as const;
/** What computes, for commands that use a trained run. */
export const computing = [
  {
    name: "backend",
    flag: "--backend",
    type: "choice",
    value: "name",
    choices: ["cpu", "webgpu", "cuda"],
    default: "cpu",
    description: "what computes",
  },
  { ...threads, description: "threads of the CPU backend; default: as many as there are cores" },
] as const satisfies readonly OptionSpec[];
export const run = { name: "run", description: "folder of a trained run", required: true } as const;

export const json = {
  name: "json",
  flag: "--json",
  type: "switch",
  description: "print the result as one JSON object",
} as const satisfies OptionSpec;
