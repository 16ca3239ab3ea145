/** Presets of models of short clips. */

import { z } from "zod";
import { GalateaError, type Shape } from "../../core/index.ts";
import { type Denoiser, diffusion, type Family, transformerDenoiser, unetDenoiser } from "../../learn/models/index.ts";
import { sharedDefaults } from "./config.ts";
import { classesOf, commonOptions, diffusionOptions, muonTraining } from "./diffusion.ts";
import { type DataDescription, definePreset } from "./preset.ts";

const size = z.int().min(1).max(65_536);

const videoSchema = z.strictObject({
  ...muonTraining,
  // Each clip is judged at several levels of noise.
  ...sharedDefaults({ steps: 3000, batchSize: 8, validationExamples: 300 }),
  frames: z.int().min(1).max(256).default(8).describe("frames of a clip; longer ones are cut"),
  side: z.int().min(4).max(256).default(32).describe("height and width of a frame, of clips in files"),
  ...commonOptions,
  ...diffusionOptions,
  inpaintRounds: commonOptions.inpaintRounds
    .unwrap()
    .default(5)
    .describe("how often each step of in-painting is taken"),
  network: z
    .enum(["unet", "transformer"])
    .default("unet")
    .describe("kind of network; unet: frames share it, and attend to one another"),
  patch: z.int().min(1).max(64).default(2).describe("side of the squares of pixels that are taken together"),
  patchFrames: z.int().min(1).max(64).default(1).describe("frames that are taken together, for network=transformer"),
  channels: z.array(size).min(1).default([48, 96]).describe("channels at each size of frame, for network=unet"),
  blocks: z.int().min(1).max(16).default(1).describe("residual blocks at each size, for network=unet"),
  attentionSize: z.int().min(0).max(256).default(8).describe("attention up to this size of frame, for network=unet"),
  width: size.default(128).describe("size of the vectors of patches, for network=transformer"),
  depth: z.int().min(1).max(64).default(4).describe("blocks, for network=transformer"),
  heads: z.int().min(1).max(64).default(4).describe("heads of attention, for network=transformer"),
});

type VideoConfig = z.output<typeof videoSchema>;

/**
 * Shape [T, C, H, W] of a data set's clips.
 * @throws GalateaError `data` when it holds none.
 */
function videoShape(data: DataDescription): Shape {
  const { video } = data.fields;
  if (video?.dtype === "uint8" && video.shape.length === 4) return video.shape;
  const fields = Object.keys(data.fields).join(", ");
  const right = "the preset needs clips: animated GIF or WebP files, or a sub-folder of numbered pictures per clip";
  throw new GalateaError("data", data.name, `its fields are ${fields}`, right);
}

function videoNetwork(config: VideoConfig, shape: Shape, classes: { readonly classes?: number }): Denoiser {
  if (config.network === "transformer") return transformerDenoiser({ ...config, shape, ...classes });
  return unetDenoiser({ ...config, shape, ...classes });
}

export const videoDiffusion = definePreset({
  name: "video/diffusion",
  summary: "a denoising diffusion over short clips, such as moving digits, which also goes on with given frames",
  // 1 h 08 min on one core beside other work; the validation split's denoising error was 0.0355.
  expected: "about an hour on one core; digits can be read, and most stay what they are",
  data: "moving-digits",
  reading: ({ frames, side }) => ({ frames, size: [side, side] }),
  schema: videoSchema,
  build: (config, data): Family => {
    const shape = videoShape(data);
    const classes = classesOf(config.conditional, data);
    const network = videoNetwork(config, shape, classes);
    return diffusion({
      ...config,
      ...classes,
      schedule: config.noise,
      event: { field: "video", shape },
      network,
    }) as Family;
  },
});
