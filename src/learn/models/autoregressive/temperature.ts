/** How boldly autoregressive models sample. */

import type { Control } from "../family.ts";

export const temperatureControl: Control = {
  description: "divides the log-odds: below 1 samples are nearer to the most probable ones, above 1 more varied",
  minimum: 0.01,
  maximum: 10,
  default: 1,
};
