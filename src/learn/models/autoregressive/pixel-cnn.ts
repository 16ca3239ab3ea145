/** The gated PixelCNN over grids of whole numbers: a network of causal convolutions, its exact log-probability
 * and its sampler. Images and the codes of a VQ-VAE are such grids. */

import { concat, foldKey, type Tensor, zeros } from "../../../core/trace/index.ts";
import { conv2d, evaluationContext, initializers, linear, type Module } from "../../nn/index.ts";
import {
  type Affine,
  complete,
  featuresOf,
  type GatedLayerParameters,
  type GridRequest,
  gate,
  labelBiases,
  type PixelCnnConfig,
  type PixelCnnOptions,
  type PixelCnnParameters,
  reachOf,
} from "./pixel-cnn-parts.ts";
import { sampleGrid } from "./pixel-cnn-sampler.ts";

export interface PixelCnn {
  init(key: Tensor): PixelCnnParameters;
  /** Log-probabilities up to a constant: int32 [B, H, W] -> [B, levels, H, W]; those of a cell see earlier cells only. */
  logits(parameters: PixelCnnParameters, grid: Tensor, label?: Tensor): Tensor;
  /** log p of each grid in nats, exact: int32 [B, H, W] -> [B]. */
  logProb(parameters: PixelCnnParameters, grid: Tensor, label?: Tensor): Tensor;
  /** New grids, int32 [count, H, W], as one compiled loop over cells. */
  sample(parameters: PixelCnnParameters, key: Tensor, request: GridRequest): Tensor;
}

/**
 * A gated PixelCNN over grids [H, W] of levels 0 .. levels - 1.
 *
 * p(x) = prod over cells i, in reading order, of p(x_i | x_1 .. x_i-1, label), each a softmax over levels
 *
 * Two stacks of layers: the vertical one sees all rows above, the horizontal one the cells to the left and, through
 * a 1 x 1 convolution, the vertical one; so there is no blind spot. With * a convolution:
 *
 * a = V * v + b, v' = v + tanh(a_1) sigmoid(a_2); c = W * h + A v' + d, h' = h + O (tanh(c_1) sigmoid(c_2))
 *
 * Instead of masks times weights, kernels have only the part that a mask would leave, and the image is padded and
 * shifted to fit: the same functions at half the work.
 *
 * The sampler keeps what it has computed: the rows that a vertical kernel reaches, computed once for a whole row,
 * and the columns that a horizontal kernel reaches. A cell costs one column of the network.
 *
 * Shapes: grids int32 [B, H, W]; labels int32 [B].
 * @throws GalateaError `config` when an option is outside its range, or a label is missing where there are classes.
 *
 * Source: van den Oord et al., "Conditional image generation with PixelCNN decoders" (2016), equations 2 to 5.
 * Departures: the vertical stack has a residual connection and passes on v', not a; biases depend on the place in
 * the first layer; zeros around the image are told from cells by a constant input.
 */
export function pixelCnn(options: PixelCnnOptions): PixelCnn {
  const config = complete(options);
  const { height, width, levels, classes, channels } = config;
  const layers = Array.from({ length: config.layers }, (_, index) => gatedLayer(config, index));
  const head = conv2d({ inputs: channels, outputs: config.head, kernel: 1, ...beforeRelu });
  // Two levels need one number, their log-odds.
  const outputs = levels === 2 ? 1 : levels;
  const last = conv2d({ inputs: config.head, outputs, kernel: 1, ...plain });
  const labels = linear({ inputs: classes ?? 1, outputs: config.layers * 4 * channels, bias: false });
  const context = evaluationContext();

  const rawLogits = (parameters: PixelCnnParameters, grid: Tensor, label?: Tensor): Tensor => {
    const features = featuresOf(config, parameters, grid).transpose([0, 3, 1, 2]); // [B, F + 1, H, W]
    const [batch] = grid.shape;
    const biases = labelBiases(config, parameters, label);
    const position = parameters.position.bias.split(2, 0);
    let v = features.slice(2, 0, height - 1);
    let h = features.slice(3, 0, width - 1);
    layers.forEach((layer, index) => {
      const own = parameters.layers[index];
      const place = (part: number): Tensor | undefined => {
        const bias = biases?.[index][part].reshape([batch, 2 * channels, 1, 1]);
        return index > 0 ? bias : bias ? bias.add(position[part]) : position[part];
      };
      const a = plus(layer.vertical.apply(own.vertical, v, context), place(0));
      v = index > 0 ? v.add(gate(a)) : gate(a);
      const c = plus(layer.horizontal.apply(own.horizontal, h, context), place(1));
      const update = layer.output.apply(own.output, gate(c.add(layer.across.apply(own.across, v, context))), context);
      h = index > 0 ? h.add(update) : update;
    });
    return last.apply(parameters.logits, head.apply(parameters.head, h.relu(), context).relu(), context);
  };
  const logits = (parameters: PixelCnnParameters, grid: Tensor, label?: Tensor): Tensor => {
    const raw = rawLogits(parameters, grid, label);
    return levels === 2 ? concat([raw.mul(0), raw], 1) : raw;
  };

  return {
    init: (key) => ({
      ...(config.input === "codes" && {
        embedding: { weight: initializers.normal(1)(foldKey(key, 0), [levels, config.features], noFans) },
      }),
      position: { bias: zeros([4 * channels, height, width]) },
      ...(classes !== undefined && { label: labels.init(foldKey(key, 1)) as { readonly weight: Tensor } }),
      layers: layers.map((layer, index) => layer.init(foldKey(key, 4 + index))),
      head: head.init(foldKey(key, 2)) as Affine,
      logits: last.init(foldKey(key, 3)) as Affine,
    }),
    logits,
    logProb: (parameters, grid, label) => {
      if (levels === 2) {
        const odds = rawLogits(parameters, grid, label).squeeze(1);
        // log sigmoid of the odds for 1, of their negative for 0
        return grid.cast("float32").mul(odds).sub(odds.softplus()).sum([1, 2]);
      }
      const byCell = rawLogits(parameters, grid, label).transpose([0, 2, 3, 1]); // [B, H, W, levels]
      return byCell.crossEntropy(grid).neg().sum([1, 2]);
    },
    sample: (parameters, key, request) => sampleGrid(config, parameters, key, request),
  };
}

const noFans = { inputs: 1, outputs: 1 };
const beforeRelu = { init: initializers.heUniform, biasInit: initializers.zeros } as const;
const plain = { init: initializers.glorotUniform, biasInit: initializers.zeros } as const;

function plus(a: Tensor, b: Tensor | undefined): Tensor {
  return b ? a.add(b) : a;
}

interface GatedLayer {
  readonly vertical: Module;
  readonly horizontal: Module;
  readonly across: Module;
  readonly output: Module;
  init(key: Tensor): GatedLayerParameters;
}

function gatedLayer(config: PixelCnnConfig, index: number): GatedLayer {
  const { channels, features } = config;
  const { reach, taps } = reachOf(config, index);
  const inputs = index === 0 ? features + 1 : channels;
  const wide = { inputs, outputs: 2 * channels, ...plain };
  const vertical = conv2d({ ...wide, kernel: [taps, 2 * reach + 1], padding: [reach, reach, 0, reach] });
  const horizontal = conv2d({ ...wide, kernel: [1, taps], padding: [0, reach, 0, 0] });
  const across = conv2d({ inputs: channels, outputs: 2 * channels, kernel: 1, bias: false, init: plain.init });
  const output = conv2d({ inputs: channels, outputs: channels, kernel: 1, ...plain });
  return {
    vertical,
    horizontal,
    across,
    output,
    init: (key) => ({
      vertical: vertical.init(foldKey(key, 0)),
      horizontal: horizontal.init(foldKey(key, 1)),
      across: across.init(foldKey(key, 2)),
      output: output.init(foldKey(key, 3)),
    }),
  };
}
