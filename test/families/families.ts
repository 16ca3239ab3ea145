/** The families under contract, each small enough to learn in seconds. */

import { autoregressiveUnderContract } from "./contract-autoregressive.ts";
import { diffusionUnderContract } from "./contract-diffusion.ts";
import { flowsUnderContract } from "./contract-flows.ts";
import { gansUnderContract } from "./contract-gans.ts";
import { sequencesUnderContract } from "./contract-sequences.ts";
import { vaesUnderContract } from "./contract-vaes.ts";
import type { FamilyUnderContract } from "./under-contract.ts";

export const families: readonly FamilyUnderContract[] = [
  ...vaesUnderContract,
  ...flowsUnderContract,
  ...autoregressiveUnderContract,
  ...gansUnderContract,
  ...sequencesUnderContract,
  ...diffusionUnderContract,
];
