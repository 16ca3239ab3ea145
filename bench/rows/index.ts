/** The rows of published tables that `npm run verify` measures, a file each beside this one. */

import { prdcGaussians } from "./prdc-gaussians.ts";
import { madeMushrooms, madeNltcs, madePlants } from "./binary-made.ts";
import { madeMnist } from "./made-mnist.ts";
import { pixelCnnMnist } from "./pixelcnn-mnist.ts";
import { iwaeMnist } from "./iwae-mnist.ts";
import type { Row } from "./row.ts";
import { vaeMnist } from "./vae-mnist.ts";

export type { Measurement, Row, RowContext } from "./row.ts";

export const rows: readonly Row[] = [
  vaeMnist,
  prdcGaussians,
  madeMnist,
  madeMushrooms,
  madeNltcs,
  madePlants,
  pixelCnnMnist,
  iwaeMnist,
];
