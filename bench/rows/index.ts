/** The rows of published tables that `npm run verify` measures, a file each beside this one. */

import { ganGrid, ganRing } from "./gan-modes.ts";
import type { Row } from "./row.ts";
import { vaeMnist } from "./vae-mnist.ts";

export type { Measurement, Row, RowContext } from "./row.ts";

export const rows: readonly Row[] = [vaeMnist, ganRing, ganGrid];
