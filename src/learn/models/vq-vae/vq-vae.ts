/** The VQ-VAE: an autoencoder whose codes are vectors of a codebook, and a PixelCNN over grids of codes. */

import { GalateaError, type Shape, sizeOf } from "../../../core/base/index.ts";
import { foldKey, randomInteger, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import { type Context, evaluationContext, subcontext } from "../../nn/index.ts";
import { sumOverEvent } from "../../prob/index.ts";
import { type PixelCnnParameters, pixelCnn } from "../autoregressive/index.ts";
import { type EventType, eventBatch, eventInputs, eventOf, eventOutputs, labelCondition } from "../event.ts";
import type { Family, TensorBatch } from "../family.ts";
import { type LikelihoodName, type LikelihoodParameters, likelihoods } from "../vae/index.ts";
import { type CodebookParameters, codebook, codeUsage } from "./codebook.ts";
import type { VqVaeNetworks } from "./networks.ts";

export interface VqVaeOptions {
  /** Shape of one image, [C, H, W]. */
  readonly shape: Shape;
  readonly networks: VqVaeNetworks;
  /** Number of codes K, and their dimensions D, as the networks have them. */
  readonly codes: number;
  readonly codeSize: number;
  /** `gaussian` where absent. */
  readonly likelihood?: LikelihoodName;
  /** Weight of what draws encodings to their codes; 0.25 where absent. */
  readonly commitment?: number;
  /** Share of the codebook's running averages that stays in a step; 0.99 where absent. */
  readonly decay?: number;
  /** A code moves elsewhere that stands for less than this share of an equal part; 0.03 where absent. */
  readonly reviveBelow?: number;
  /** Number of labels that the prior is conditioned on; none where absent. */
  readonly classes?: number | undefined;
  /** Width and number of the prior's layers; 32 and 6 where absent. */
  readonly priorChannels?: number;
  readonly priorLayers?: number;
}

/** A type, not an interface, so that it is a parameter tree. */
export type VqVaeParameters = {
  readonly encoder: TensorTree;
  readonly codebook: CodebookParameters;
  readonly decoder: TensorTree;
  readonly likelihood: LikelihoodParameters;
  readonly prior: PixelCnnParameters;
};

const streams = { encoder: 0, decoder: 1, revive: 2 } as const;

interface Quantized {
  /** Encodings, [N, D] with N = B h w. */
  readonly encodings: Tensor;
  /** Which code each is rounded to, int64 [N], and that code, [N, D]. */
  readonly indices: Tensor;
  readonly codes: Tensor;
}

/** The code in place of the encoding, whose gradient it gets: e + stop(c - e). Source: Bengio et al. (2013). */
export function straightThrough(encodings: Tensor, codes: Tensor): Tensor {
  return encodings.add(codes.sub(encodings).stopGradient());
}

/**
 * A vector-quantized variational autoencoder over images, and its prior.
 *
 * loss = -log p(x|c(x)) / size(x) + commitment mean |e(x) - stop(c(x))|^2 - log p(c(x)) / size(c)
 *
 * e(x) is the encoder's grid of vectors, c(x) the nearest codes; the decoder's gradient passes from c to e as if they
 * were the same, the codebook follows the running averages of encodings, and the prior p(c), a gated PixelCNN over the
 * grid (given the label, with `classes`), learns from codes that it cannot change. As the three parts have no
 * parameter in common but through e, one sum trains them all, with one pass through the encoder.
 *
 * A code is a function of x, so -log p(x|c) - log p(c) bounds -log p(x): the ELBO of a posterior without spread.
 *
 * Shapes: reads `image` uint8 [B, C, H, W] and perhaps `label` int32 [B]; samples are `image` float32 [count, C, H, W]
 * in [0, 1]. Latents are the codes themselves, [B, h w D], cell by cell; between two of them one can walk.
 * @throws GalateaError `config` when an option is outside its range.
 *
 * Source: van den Oord, Vinyals and Kavukcuoglu, "Neural discrete representation learning" (2017).
 */
export function vqVae(options: VqVaeOptions): Family<VqVaeParameters> {
  requireOptions(options);
  const { shape, networks, codes: count, codeSize, commitment = 0.25, classes } = options;
  const [height, width] = networks.grid;
  const cells = height * width;
  const event: EventType = { field: "image", shape };
  const likelihood = likelihoods[options.likelihood ?? "gaussian"];
  const book = codebook({
    count,
    size: codeSize,
    decay: options.decay ?? 0.99,
    reviveBelow: options.reviveBelow ?? 0.03,
  });
  const prior = pixelCnn({
    height,
    width,
    levels: count,
    input: "codes",
    channels: options.priorChannels ?? 32,
    layers: options.priorLayers ?? 6,
    firstKernel: 5,
    kernel: 3,
    ...(classes !== undefined && { classes }),
  });

  const encodings = ({ encoder }: VqVaeParameters, x: Tensor, context: Context): Tensor =>
    networks.encoder
      .apply(encoder, x, subcontext(context, streams.encoder))
      .transpose([0, 2, 3, 1])
      .reshape([x.shape[0] * cells, codeSize]);
  const quantize = (parameters: VqVaeParameters, x: Tensor, context: Context): Quantized => {
    const encoded = encodings(parameters, x, context);
    const indices = book.nearest(parameters.codebook, encoded);
    return { encodings: encoded, indices, codes: parameters.codebook.weight.gather(indices) };
  };
  /** The decoder's output from vectors [N, D]. */
  const decoded = ({ decoder }: VqVaeParameters, vectors: Tensor, context: Context): Tensor => {
    const grid = vectors.reshape([vectors.shape[0] / cells, height, width, codeSize]).transpose([0, 3, 1, 2]);
    return networks.decoder.apply(decoder, grid, subcontext(context, streams.decoder));
  };
  const images = (parameters: VqVaeParameters, vectors: Tensor): TensorBatch =>
    eventBatch(event, likelihood.mean(decoded(parameters, vectors, evaluationContext())));
  /** -log p(x|c) of each example, [B]. */
  const reconstructionOf = (parameters: VqVaeParameters, output: Tensor, x: Tensor): Tensor =>
    sumOverEvent(likelihood.distribution(parameters.likelihood, output).logProb(x)).neg();
  /** -log p(c) of each example, [B]. */
  const priorNats = (parameters: VqVaeParameters, indices: Tensor, label: Tensor | undefined): Tensor => {
    const grid = indices.cast("int32").reshape([indices.shape[0] / cells, height, width]);
    return prior.logProb(parameters.prior, grid, label).neg();
  };
  /** Codes of new grids, [N, D]. */
  const drawCodes = (
    parameters: VqVaeParameters,
    key: Tensor,
    request: { readonly count: number; readonly temperature?: number; readonly label?: Tensor },
  ): Tensor => {
    const grid = prior.sample(parameters.prior, key, request);
    return parameters.codebook.weight.gather(grid.reshape([request.count * cells]));
  };
  const labelOf = (fields: TensorBatch): Tensor | undefined => (classes === undefined ? undefined : fields.label);

  return {
    name: "vq-vae",
    inputs: eventInputs(event, classes),
    outputs: eventOutputs(event),
    ...labelCondition(classes),
    controls: {
      temperature: {
        description: "of the prior over codes: below 1 likelier codes are drawn more often",
        minimum: 0.05,
        maximum: 2,
        default: 1,
      },
    },
    init: (key) => ({
      encoder: networks.encoder.init(foldKey(key, 0)),
      codebook: book.init(foldKey(key, 1)),
      decoder: networks.decoder.init(foldKey(key, 2)),
      likelihood: likelihood.init(),
      prior: prior.init(foldKey(key, 3)),
    }),
    prepare: (parameters, batch, key) => ({
      ...parameters,
      codebook: book.fit(parameters.codebook, encodings(parameters, eventOf(event, batch), evaluationContext()), key),
    }),
    phases: [
      {
        name: "train",
        trains: () => true,
        loss: (parameters, batch, context) => {
          const x = eventOf(event, batch);
          const { encodings: encoded, indices, codes } = quantize(parameters, x, context);
          if (!context.key)
            throw new GalateaError("internal", "vq-vae", "got no random key", "dead codes move at random");
          book.follow(parameters.codebook, encoded, indices, context, foldKey(context.key, streams.revive));
          const output = decoded(parameters, straightThrough(encoded, codes), context);
          const reconstruction = reconstructionOf(parameters, output, x).mean();
          const distance = encoded.sub(codes.stopGradient()).square().mean();
          const nats = priorNats(parameters, indices, labelOf(batch)).mean();
          const loss = reconstruction
            .mul(1 / sizeOf(shape))
            .add(distance.mul(commitment))
            .add(nats.mul(1 / cells));
          return { loss, metrics: { reconstruction, commitment: distance, prior: nats, ...codeUsage(indices, count) } };
        },
      },
    ],
    signals: [
      {
        metric: "perplexity",
        below: Math.max(1.5, 0.02 * count),
        meaning: "few codes of the codebook are in use; raise reviveBelow, lower the learning rate or take fewer codes",
      },
    ],
    sample: (parameters, key, { count: number, conditions, controls }) => {
      const label = labelOf(conditions);
      const request = { count: number, temperature: controls.temperature, ...(label && { label }) };
      return images(parameters, drawCodes(parameters, key, request));
    },
    scores: ["negativeElbo", "reconstruction", "kl", "squaredError"],
    score: (parameters, batch) => {
      const x = eventOf(event, batch);
      const { indices, codes } = quantize(parameters, x, evaluationContext());
      const output = decoded(parameters, codes, evaluationContext());
      const reconstruction = reconstructionOf(parameters, output, x);
      const kl = priorNats(parameters, indices, labelOf(batch));
      const squaredError = sumOverEvent(likelihood.mean(output).sub(x).square()).mul(1 / sizeOf(shape));
      return { negativeElbo: reconstruction.add(kl), reconstruction, kl, squaredError };
    },
    drawLatents: (parameters, key, number) => {
      // Of any label.
      const label = classes === undefined ? undefined : randomInteger(foldKey(key, 1), [number], 0, classes);
      const codes = drawCodes(parameters, foldKey(key, 0), { count: number, ...(label && { label }) });
      return codes.reshape([number, cells * codeSize]);
    },
    encode: (parameters, batch) => {
      const { codes } = quantize(parameters, eventOf(event, batch), evaluationContext());
      return codes.reshape([codes.shape[0] / cells, cells * codeSize]);
    },
    decode: (parameters, latents) => images(parameters, latents.reshape([latents.shape[0] * cells, codeSize])),
    reconstruct: (parameters, batch) =>
      images(parameters, quantize(parameters, eventOf(event, batch), evaluationContext()).codes),
  };
}

function requireOptions({ codes, codeSize, commitment = 0.25, decay = 0.99, reviveBelow = 0.03 }: VqVaeOptions): void {
  const check = (name: string, value: number, holds: boolean, right: string): void => {
    if (!holds) throw new GalateaError("config", name, `is ${value}`, right);
  };
  check("codes", codes, Number.isInteger(codes) && codes >= 2, "it must be a whole number of at least 2");
  check("codeSize", codeSize, Number.isInteger(codeSize) && codeSize >= 1, "it must be a whole number of at least 1");
  check("commitment", commitment, commitment >= 0, "it must be at least 0");
  check("decay", decay, decay >= 0 && decay < 1, "it must be at least 0 and below 1");
  check("reviveBelow", reviveBelow, reviveBelow >= 0 && reviveBelow < 1, "it must be at least 0 and below 1");
}
