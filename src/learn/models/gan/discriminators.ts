/** Discriminators over images and vectors: features, a linear output, and a projection on what the class looks like. */

import { concat, foldKey, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import {
  batchNorm,
  type Context,
  conv2d,
  embedding,
  flatten,
  groupNorm,
  type Initializer,
  initializers,
  type Layer,
  layerNorm,
  leakyRelu,
  linear,
  type Module,
  sequential,
  spectralNorm,
  subcontext,
  type TensorFunction,
} from "../../nn/index.ts";
import { type ImageLadder, imageLadder } from "./image-ladder.ts";

/** How a discriminator is kept from being too steep, or its activations in range. */
export const discriminatorNorms = ["none", "batch", "layer", "spectral"] as const;

export type DiscriminatorNorm = (typeof discriminatorNorms)[number];

export interface Discriminator {
  /** Whether the output for an example depends on the others of its batch. */
  readonly batchwise: boolean;
  init(key: Tensor): TensorTree;
  /** How real examples look, as any number: [B, ...] and perhaps labels [B] -> [B]. */
  apply(parameters: TensorTree, x: Tensor, labels: Tensor | undefined, context: Context): Tensor;
}

export interface DiscriminatorOptions {
  /** `none` where absent. */
  readonly norm?: DiscriminatorNorm;
  /** Number of classes, where examples have labels. */
  readonly classes?: number;
}

export interface ConvDiscriminatorOptions extends DiscriminatorOptions {
  /** [C, H, W]. */
  readonly shape: readonly number[];
  /** Channels of the first layer; each further one has twice as many. */
  readonly width: number;
}

export interface MlpDiscriminatorOptions extends DiscriminatorOptions {
  /** Values of a vector. */
  readonly size: number;
  readonly hidden: readonly number[];
  /** Frequencies at which it also sees each value as a wave, for densities of fine detail; 0 where absent. */
  readonly octaves?: number;
}

type DiscriminatorParameters = {
  readonly features: TensorTree;
  readonly output: TensorTree;
  readonly embedding?: TensorTree;
};

const slope = (x: Tensor): Tensor => leakyRelu(x, 0.2);

/** DCGAN's small normal numbers where a norm follows, else what keeps the variance through leaky ReLUs. */
function weightInit(norm: DiscriminatorNorm): Initializer {
  return norm === "batch" || norm === "spectral" ? initializers.normal(0.02) : initializers.heNormal;
}

/** A layer under spectral normalization, or as it is. */
function perhapsSpectral<P extends { readonly weight: Tensor }>(layer: Module<P>, norm: DiscriminatorNorm): Module {
  return (norm === "spectral" ? spectralNorm(layer as never) : layer) as Module;
}

/**
 * Strided convolutions that halve the image until it is small, each followed by leaky ReLU of slope 0.2.
 *
 * The first layer has no norm but a spectral one. `layer` normalizes each example over all channels and places.
 *
 * Source: Radford, Metz and Chintala, "Unsupervised representation learning with deep convolutional generative
 * adversarial networks" (2016).
 */
export function convDiscriminator(options: ConvDiscriminatorOptions): Discriminator {
  const { shape, width, norm = "none" } = options;
  const ladder = imageLadder(shape);
  const channels = [shape[0], ...ladder.steps.map((_, i) => width * 2 ** i)];
  const normOf = (size: number): Layer[] => {
    if (norm === "batch") return [batchNorm({ channels: size })];
    return norm === "layer" ? [groupNorm({ groups: 1, channels: size }) as Module] : [];
  };
  const layers = ladder.steps.flatMap((_, i): Layer[] => {
    const bias = i === 0 || norm !== "batch";
    const sizes = { inputs: channels[i], outputs: channels[i + 1], kernel: 4, stride: 2, padding: 1, bias };
    const layer = conv2d({ ...sizes, init: weightInit(norm), biasInit: initializers.zeros });
    return [
      perhapsSpectral(layer as Module<{ weight: Tensor }>, norm),
      ...(i === 0 ? [] : normOf(channels[i + 1])),
      slope,
    ];
  });
  return discriminator(sequential(...layers, flatten()), featuresOf(ladder, channels), options);
}

function featuresOf({ smallest }: ImageLadder, channels: readonly number[]): number {
  return channels[channels.length - 1] * smallest[0] * smallest[1];
}

/** Fully connected layers with leaky ReLU of slope 0.2. */
export function mlpDiscriminator(options: MlpDiscriminatorOptions): Discriminator {
  const { size, hidden, norm = "none", octaves = 0 } = options;
  const widths = [size * (1 + 2 * octaves), ...hidden];
  const layers = hidden.flatMap((outputs, i): Layer[] => {
    const own = { bias: i === 0 || norm !== "batch", init: initializers.heNormal, biasInit: initializers.zeros };
    const layer = linear({ inputs: widths[i], outputs, ...own }) as Module<{ weight: Tensor }>;
    const norms = { batch: batchNorm({ channels: outputs }), layer: layerNorm({ shape: outputs }) };
    const after = i > 0 && (norm === "batch" || norm === "layer") ? [norms[norm] as Module] : [];
    return [perhapsSpectral(layer, norm), ...after, slope];
  });
  return discriminator(
    sequential(...(octaves > 0 ? [waves(octaves)] : []), ...layers),
    widths[widths.length - 1],
    options,
  );
}

/**
 * Values beside their sines and cosines at frequencies that double: x, sin(2^k pi x), cos(2^k pi x). Of values alone a
 * network learns what changes slowly with them, long before what changes fast.
 *
 * Shapes: [B, D] -> [B, (1 + 2 octaves) D].
 *
 * Source: Tancik et al., "Fourier features let networks learn high frequency functions in low dimensional domains" (2020).
 */
function waves(octaves: number): TensorFunction {
  return (x) => {
    const phases = Array.from({ length: octaves }, (_, k) => x.mul(Math.PI * 2 ** k));
    return concat([x, ...phases.map((phase) => phase.sin()), ...phases.map((phase) => phase.cos())], 1);
  };
}

/**
 * D(x, y) = w f(x) + e_y f(x), with the last term only where there are classes. There is no bias: to the losses of
 * critics it would make no difference, to others the features' own biases serve.
 *
 * Source: Miyato and Koyama, "cGANs with projection discriminator" (2018), equation 3.
 */
function discriminator(
  features: Module,
  size: number,
  { classes, norm = "none" }: DiscriminatorOptions,
): Discriminator {
  const init = norm === "spectral" ? initializers.normal(0.02) : initializers.glorotNormal;
  const output = perhapsSpectral(linear({ inputs: size, outputs: 1, init, bias: false }), norm);
  const table =
    classes === undefined
      ? undefined
      : perhapsSpectral(embedding({ count: classes, size, init: initializers.normal(size ** -0.5) }), norm);
  return {
    batchwise: norm === "batch",
    init: (key) => ({
      features: features.init(foldKey(key, 0)),
      output: output.init(foldKey(key, 1)),
      ...(table && { embedding: table.init(foldKey(key, 2)) }),
    }),
    apply: (parameters, x, labels, context) => {
      const own = parameters as DiscriminatorParameters;
      const seen = features.apply(own.features, x, subcontext(context, 0)); // [B, size]
      const plain = output.apply(own.output, seen, subcontext(context, 1)).reshape([x.shape[0]]);
      if (!table || !labels || !own.embedding) return plain;
      const rows = table.apply(own.embedding, labels, subcontext(context, 2)); // [B, size]
      return plain.add(rows.mul(seen).sum(1));
    },
  };
}
