/** The rows of published tables that `npm run verify` measures, a file each beside this one. */

import { flowInvertibility } from "./flow-invertibility.ts";
import { flowWineWhite } from "./flow-wine-white.ts";
import { glowMnist } from "./glow-mnist.ts";
import { flow8Gaussians, flowCheckerboard } from "./plane.ts";
import type { Row } from "./row.ts";
import { vaeMnist } from "./vae-mnist.ts";

export type { Measurement, Row, RowContext } from "./row.ts";

export const rows: readonly Row[] = [
  vaeMnist,
  flow8Gaussians,
  flowCheckerboard,
  flowWineWhite,
  glowMnist,
  flowInvertibility,
];
