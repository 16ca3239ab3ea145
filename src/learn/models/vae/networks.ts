/** Encoders and decoders of a VAE over images: fully connected, and convolutional. */

import { type Shape, sizeOf } from "../../../core/base/index.ts";
import {
  type ActivationName,
  activations,
  flatten,
  initializers,
  type Layer,
  linear,
  type Module,
  relu,
  reshape,
  sequential,
} from "../../nn/index.ts";
import { doubling, halving, halvings } from "../strided.ts";

/**
 * An encoder [B, ...image] -> [B, 2 latent] and a decoder [B, latent] -> [B, ...image]; of a conditional model the
 * decoder reads the label's one-hot code after the latents, [B, latent + classes].
 */
export interface VaeNetworks {
  readonly encoder: Module;
  readonly decoder: Module;
}

export interface MlpOptions {
  /** Shape of one example. */
  readonly shape: Shape;
  readonly latent: number;
  /** Widths of the encoder's hidden layers; the decoder has them in reverse. */
  readonly hidden: readonly number[];
  /** Number of labels, of a conditional model. */
  readonly classes?: number | undefined;
  /** After each hidden layer; `relu` where absent. */
  readonly activation?: ActivationName | undefined;
}

/** Before a ReLU: variance is kept through the layer. */
const hiddenInit = { init: initializers.heUniform, biasInit: initializers.zeros };
/** Of latents and images. */
const outputInit = { init: initializers.glorotUniform, biasInit: initializers.zeros };

/** Fully connected networks. Source: Kingma and Welling (2014), appendix C, with ReLU for tanh unless said otherwise. */
export function mlpNetworks({ shape, latent, hidden, classes = 0, activation = "relu" }: MlpOptions): VaeNetworks {
  const size = sizeOf(shape);
  const reversed = hidden.toReversed();
  return {
    encoder: sequential(flatten(), ...perceptron([size, ...hidden, 2 * latent], activation)),
    decoder: sequential(...perceptron([latent + classes, ...reversed, size], activation), reshape(shape)),
  };
}

/** Fully connected layers between these widths; nothing after the last. */
export function perceptron(widths: readonly number[], activation: ActivationName): Layer[] {
  const inner = activation === "tanh" ? outputInit : hiddenInit;
  return widths.slice(1).flatMap((outputs, i): Layer[] => {
    const last = i === widths.length - 2;
    const layer = linear({ inputs: widths[i], outputs, ...(last ? outputInit : inner) });
    return last ? [layer] : [layer, activations[activation]];
  });
}

export interface ConvOptions {
  /** [C, H, W]. */
  readonly shape: Shape;
  readonly latent: number;
  /** Channels of the encoder's layers, each of which halves height and width; the decoder has them in reverse. */
  readonly channels: readonly number[];
  /** Width of the fully connected layer between images and latents. */
  readonly hidden: number;
  /** Number of labels, of a conditional model. */
  readonly classes?: number | undefined;
}

/**
 * Strided convolutions down, transposed ones up, one fully connected layer on either side of the latents.
 * Source: the layout of Radford, Metz and Chintala's DCGAN (2016), without normalization.
 * @throws GalateaError `config` when the image is too small to be halved that often.
 */
export function convNetworks({ shape, latent, channels, hidden, classes = 0 }: ConvOptions): VaeNetworks {
  const sizes = halvings(shape, channels.length);
  const widths = [shape[0], ...channels];
  const inner = [widths[channels.length], ...sizes[channels.length]] as const;
  const down = channels.flatMap((outputs, i): Layer[] => [
    halving({ inputs: widths[i], outputs, ...hiddenInit }),
    relu,
  ]);
  const up = channels.flatMap((_, i): Layer[] => {
    const level = channels.length - i;
    const ends = { inputs: widths[level], outputs: widths[level - 1] };
    const layer = doubling({ ...ends, ...(level === 1 ? outputInit : hiddenInit) }, sizes[level], sizes[level - 1]);
    return level === 1 ? [layer] : [layer, relu];
  });
  return {
    encoder: sequential(
      ...down,
      flatten(),
      linear({ inputs: sizeOf(inner), outputs: hidden, ...hiddenInit }),
      relu,
      linear({ inputs: hidden, outputs: 2 * latent, ...outputInit }),
    ),
    decoder: sequential(
      linear({ inputs: latent + classes, outputs: hidden, ...hiddenInit }),
      relu,
      linear({ inputs: hidden, outputs: sizeOf(inner), ...hiddenInit }),
      relu,
      reshape(inner),
      ...up,
    ),
  };
}
