/** Galatea: generative models in TypeScript. This is the whole library; subpaths hold its parts. */

export * from "./core/index.ts";
export * from "./engine/index.ts";
export * as models from "./learn/models/index.ts";
export * as nn from "./learn/nn/index.ts";
export * as optim from "./learn/optim/index.ts";
export * as prob from "./learn/prob/index.ts";
