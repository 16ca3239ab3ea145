/** What the network of a PixelCNN and its sampler share: options, parameters, and what both compute alike. */

import { formatShape, GalateaError } from "../../../core/base/index.ts";
import { concat, oneHot, type Tensor, tensor } from "../../../core/trace/index.ts";

/**
 * What the network sees of a level: a learned vector (`codes`), the level's place between -1 and 1 (`ordinal`),
 * or the bits of its number, each -1 or 1 (`bits`).
 */
export const levelInputs = ["codes", "ordinal", "bits"] as const;

export type LevelInput = (typeof levelInputs)[number];

export interface PixelCnnOptions {
  /** Size of the grid; each at least 2. */
  readonly height: number;
  readonly width: number;
  /** A cell is a whole number from 0 to levels - 1; at least 2. */
  readonly levels: number;
  /** `codes` where absent. */
  readonly input?: LevelInput;
  /** Width of both stacks; 32 where absent. */
  readonly channels?: number;
  /** Gated layers; 8 where absent. */
  readonly layers?: number;
  /** Odd sizes of the masked kernels: of the first layer, 7 where absent, and of the others, 3 where absent. */
  readonly firstKernel?: number;
  readonly kernel?: number;
  /** Width of the layer before the logits; 64 where absent. */
  readonly head?: number;
  /** Number of labels that a grid can be conditioned on. */
  readonly classes?: number;
}

/** The options, complete. */
export interface PixelCnnConfig extends Required<Omit<PixelCnnOptions, "classes">> {
  readonly classes?: number;
  /** Features of a level. */
  readonly features: number;
}

export type Affine = { readonly weight: Tensor; readonly bias: Tensor };

export type GatedLayerParameters = {
  /** [2 channels, inputs, rows, columns]; rows above (and of its own, but in the first layer). */
  readonly vertical: Affine;
  /** [2 channels, inputs, 1, columns]; columns to the left (and of its own, but in the first layer). */
  readonly horizontal: Affine;
  /** [2 channels, channels, 1, 1]; what the horizontal stack hears from the vertical one. */
  readonly across: { readonly weight: Tensor };
  /** [channels, channels, 1, 1]; back into the horizontal stack. */
  readonly output: Affine;
};

/** A type, not an interface, so that it is a parameter tree. */
export type PixelCnnParameters = {
  /** [levels, features], where levels are codes. */
  readonly embedding?: { readonly weight: Tensor };
  /** A bias for each place, [4 channels, H, W]: of the first layer's vertical and horizontal half. */
  readonly position: { readonly bias: Tensor };
  /** [layers * 4 channels, classes]: biases of all layers, vertical and horizontal half each. */
  readonly label?: { readonly weight: Tensor };
  readonly layers: readonly GatedLayerParameters[];
  /** [head, channels, 1, 1] and [outputs, head, 1, 1]. */
  readonly head: Affine;
  readonly logits: Affine;
};

export interface GridRequest {
  /** Number of grids. */
  readonly count: number;
  /** Logits are divided by it; 1 where absent. */
  readonly temperature?: number;
  /** A label for each, int32 [count]; required where there are classes. */
  readonly label?: Tensor;
  /** float32, broadcasts to [count, levels, H, W]: 1 where a level may be chosen, else 0; any where absent. */
  readonly allowed?: Tensor;
}

/** tanh(a) sigmoid(b) of both halves of the channels, along axis 1. */
export function gate(x: Tensor): Tensor {
  const [a, b] = x.split(2, 1);
  return a.tanh().mul(b.sigmoid());
}

/** How far a layer's kernels reach, and whether they reach the cell itself. */
export function reachOf({ firstKernel, kernel }: PixelCnnConfig, index: number) {
  const first = index === 0;
  const reach = ((first ? firstKernel : kernel) - 1) / 2;
  return { reach, taps: first ? reach : reach + 1 };
}

/** What the network sees of each cell: int [...] -> [..., features + 1], the last one a constant 1. */
export function featuresOf(config: PixelCnnConfig, { embedding }: PixelCnnParameters, grid: Tensor): Tensor {
  const { levels, features, input } = config;
  const ones = tensor([1], [1]).expand([...grid.shape, 1]);
  if (embedding) return concat([embedding.weight.gather(grid), ones], -1);
  if (input === "ordinal" || levels === 2) {
    const place = grid
      .cast("float32")
      .mul(2 / (levels - 1))
      .sub(1);
    return concat([place.unsqueeze(-1), ones], -1);
  }
  const bits = Array.from(
    { length: levels * features },
    (_, i) => ((Math.floor(i / features) >> (i % features)) & 1) * 2 - 1,
  );
  return concat([tensor(bits, [levels, features]).gather(grid), ones], -1);
}

/** Biases by layer, for its vertical and horizontal half: each [B, 2 channels]. */
export function labelBiases(
  { classes, layers }: PixelCnnConfig,
  { label: parameters }: PixelCnnParameters,
  label: Tensor | undefined,
): readonly (readonly Tensor[])[] | undefined {
  if (classes === undefined || !parameters) return undefined;
  if (!label) throw new GalateaError("config", "pixelCnn", `no labels for ${classes} classes`, "give int32 [B]");
  const all = oneHot(label, classes).matmul(parameters.weight, { transposeB: true });
  return all.split(layers, 1).map((layer) => layer.split(2, 1));
}

/**
 * The options with what is left out.
 * @throws GalateaError `config` when one is outside its range.
 */
export function complete(options: PixelCnnOptions): PixelCnnConfig {
  const { height, width, levels, input = "codes", channels = 32, layers = 8, classes } = options;
  const { firstKernel = 7, kernel = 3, head = 64 } = options;
  const counts = { levels: [levels, 2], channels: [channels, 1], layers: [layers, 1], head: [head, 1] } as const;
  for (const [name, [value, least]] of Object.entries(counts)) {
    if (Number.isInteger(value) && value >= least) continue;
    throw new GalateaError("config", name, `is ${value}`, `it must be a whole number of at least ${least}`);
  }
  if (!(height >= 2 && width >= 2)) {
    const seen = `a grid of ${formatShape([height, width])}`;
    throw new GalateaError("config", "pixelCnn", seen, "it needs at least two rows and two columns");
  }
  for (const [name, size] of Object.entries({ firstKernel, kernel })) {
    if (Number.isInteger(size) && size >= 3 && size % 2 === 1) continue;
    throw new GalateaError("config", name, `is ${size}`, "it must be an odd number of at least 3");
  }
  const features = input === "codes" ? channels : input === "ordinal" ? 1 : Math.ceil(Math.log2(levels));
  const numbers = { height, width, levels, channels, layers, firstKernel, kernel, head, features };
  return { ...numbers, input, ...(classes !== undefined && { classes }) };
}
