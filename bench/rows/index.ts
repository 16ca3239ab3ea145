/** The rows of published tables that `npm run verify` measures, a file each beside this one. */

import { anomalyMnist } from "./anomaly-mnist.ts";
import { answerBabi } from "./answer-babi.ts";
import { madeMushrooms, madeNltcs, madePlants } from "./binary-made.ts";
import { captionScenes } from "./caption-scenes.ts";
import { fidDcgan, fidDiffusion, fidWganGp } from "./fid.ts";
import { flowInvertibility } from "./flow-invertibility.ts";
import { flowWineWhite } from "./flow-wine-white.ts";
import { ganGrid, ganRing } from "./gan-modes.ts";
import { glowMnist } from "./glow-mnist.ts";
import { gptShakespeare } from "./gpt-shakespeare.ts";
import { iwaeMnist } from "./iwae-mnist.ts";
import { lstmScan } from "./lstm-scan.ts";
import { madeMnist } from "./made-mnist.ts";
import { music } from "./music.ts";
import { pixelCnnMnist } from "./pixelcnn-mnist.ts";
import { flow8Gaussians, flowCheckerboard } from "./plane.ts";
import { prdcGaussians } from "./prdc-gaussians.ts";
import { pronounceLstm, pronounceTransformer } from "./pronounce.ts";
import type { Row } from "./row.ts";
import { seriesEtth1, seriesM4Hourly } from "./series.ts";
import { soundDigits } from "./sound-digits.ts";
import { speechDigits } from "./speech.ts";
import { summarizeAeslc } from "./summarize-aeslc.ts";
import { translateLstm, translateTransformer } from "./translate.ts";
import { vaeMnist } from "./vae-mnist.ts";

export type { Measurement, ResultLine, Row, RowContext } from "./row.ts";

export const rows: readonly Row[] = [
  vaeMnist,
  prdcGaussians,
  madeMnist,
  madeMushrooms,
  madeNltcs,
  madePlants,
  pixelCnnMnist,
  iwaeMnist,
  flow8Gaussians,
  flowCheckerboard,
  flowWineWhite,
  glowMnist,
  flowInvertibility,
  ganRing,
  ganGrid,
  fidDcgan,
  fidWganGp,
  fidDiffusion,
  anomalyMnist,
  gptShakespeare,
  pronounceLstm,
  pronounceTransformer,
  translateTransformer,
  translateLstm,
  answerBabi,
  summarizeAeslc,
  lstmScan,
  seriesEtth1,
  seriesM4Hourly,
  music,
  captionScenes,
  speechDigits,
  soundDigits,
];
