/** Flows of the literature, put together of layers. */

import { foldKey, GalateaError, keyFromSeed, permutation, type Shape } from "../../../core/base/index.ts";
import {
  affine,
  type ElementwiseBijection,
  type RationalQuadraticOptions,
  rationalQuadratic,
} from "../../prob/index.ts";
import { autoregressive } from "./autoregressive.ts";
import { checkerboard, coupling, maskedCoupling } from "./coupling.ts";
import { elementwise } from "./elementwise.ts";
import { chain, type FlowLayer, inverted } from "./layer.ts";
import { actnorm, invertibleLinear, permute, squeezeLayer } from "./linear-layers.ts";
import { multiScale } from "./multi-scale.ts";
import { convConditioner, mlpConditioner } from "./networks.ts";

export interface VectorFlowOptions {
  /** Numbers of a vector, D. */
  readonly features: number;
  /** Number of coupling or autoregressive layers. */
  readonly depth: number;
  /** Widths of the hidden layers of each layer's network. */
  readonly hidden: readonly number[];
  /** Size of the condition, as one number for each class; none where absent. */
  readonly condition?: number;
  /** Share of hidden numbers that training drops; 0 where absent. */
  readonly dropout?: number;
  /** How numbers are mixed between layers; `linear`, a learned LU matrix, where absent. */
  readonly mix?: "linear" | "permutation" | "reverse";
}

export interface SplineFlowOptions extends VectorFlowOptions {
  readonly spline?: RationalQuadraticOptions;
}

/** Fixed numbers of layers, the same for every seed: parameters would not fit them otherwise. */
const structureKey = keyFromSeed(0);

function mixing({ features, mix = "linear" }: VectorFlowOptions, layer: number): FlowLayer {
  const key = foldKey(structureKey, layer);
  if (mix === "linear") return invertibleLinear(features, key);
  const order = Array.from({ length: features }, (_, i) => i);
  return permute(mix === "reverse" ? order.toReversed() : [...permutation(key, features)]);
}

function couplings(options: VectorFlowOptions, transform: ElementwiseBijection): FlowLayer {
  const { features: channels, depth } = options;
  const network = mlpConditioner(options);
  return chain(
    Array.from({ length: depth }, (_, i) => i).flatMap((i) => [
      mixing(options, i),
      coupling({ channels, reverse: i % 2 === 1, transform, network }),
    ]),
  );
}

function autoregressions(options: VectorFlowOptions, transform: ElementwiseBijection, turned: boolean): FlowLayer {
  const { features, depth, mix = "reverse", ...rest } = options;
  const ascending = Array.from({ length: features }, (_, i) => i);
  return chain(
    Array.from({ length: depth }, (_, i) => i).flatMap((i) => {
      // Turning the order round is free, where a layer that moves numbers is not.
      const order = mix === "reverse" && i % 2 === 1 ? ascending.toReversed() : ascending;
      const layer = autoregressive({ ...rest, order, transform });
      const between = mix === "reverse" ? [] : [mixing(options, i)];
      return [...between, turned ? inverted(layer) : layer, actnorm(features)];
    }),
  );
}

/**
 * RealNVP over vectors: affine couplings, mixed in between.
 *
 * Source: Dinh, Sohl-Dickstein and Bengio, "Density estimation using Real NVP" (2017).
 */
export function realNvp(options: VectorFlowOptions): FlowLayer {
  return couplings(options, affine());
}

/**
 * A neural spline flow with couplings.
 *
 * Source: Durkan, Bekasov, Murray and Papamakarios, "Neural spline flows" (2019), RQ-NSF (C).
 */
export function splineCoupling({ spline, ...options }: SplineFlowOptions): FlowLayer {
  return couplings(options, rationalQuadratic(spline));
}

/** The same with autoregressive layers: RQ-NSF (AR). Numbers change their order from layer to layer. */
export function splineAutoregressive({ spline, ...options }: SplineFlowOptions): FlowLayer {
  return autoregressions(options, rationalQuadratic(spline), false);
}

/**
 * A masked autoregressive flow: fast densities, samples number by number.
 *
 * Source: Papamakarios, Pavlakou and Murray, "Masked autoregressive flow for density estimation" (2017), with actnorm
 * in the place of batch norm.
 */
export function maf(options: VectorFlowOptions): FlowLayer {
  return autoregressions(options, affine(), false);
}

/**
 * An inverse autoregressive flow: fast samples, densities number by number.
 *
 * Source: Kingma et al., "Improving variational inference with inverse autoregressive flow" (2016).
 */
export function iaf(options: VectorFlowOptions): FlowLayer {
  return autoregressions(options, affine(), true);
}

export interface ImageFlowOptions {
  /** [C, H, W]. */
  readonly shape: Shape;
  /** Hidden channels of the networks of each level; as many levels as numbers. */
  readonly hidden: readonly number[];
  /** Steps of each level. */
  readonly depth: number;
  readonly condition?: number;
  /** Pieces of the curve that all values take first, at least 2; none, as in the sources, where absent. */
  readonly curve?: number;
}

/**
 * A spline of so many pieces for all values alike, brought to its range by actnorm; nothing for undefined.
 * @throws GalateaError `config` for fewer than 2 pieces.
 */
function curveOf([channels]: Shape, bins: number | undefined): readonly FlowLayer[] {
  if (bins === undefined) return [];
  if (bins < 2) throw new GalateaError("config", "curve", `is ${bins}`, "it must be at least 2 pieces, or none");
  return [actnorm(channels), elementwise({ bins })];
}

/** @throws GalateaError `data` when height or width cannot be halved `times` times. */
function requireHalves([channels, height, width]: Shape, times: number): void {
  if (height % 2 ** times === 0 && width % 2 ** times === 0) return;
  const right = `height and width must be multiples of ${2 ** times}, or use fewer levels`;
  throw new GalateaError("data", "image", `is [${channels}, ${height}, ${width}]`, right);
}

/**
 * Glow: in each level squares of pixels become channels, then come steps of actnorm, an invertible 1 x 1 convolution
 * and an affine coupling; half of the channels are done after each level.
 *
 * Source: Kingma and Dhariwal, "Glow: generative flow with invertible 1x1 convolutions" (2018).
 */
export function glow({ shape, hidden, depth, condition, curve }: ImageFlowOptions): FlowLayer {
  requireHalves(shape, hidden.length);
  let [channels] = shape;
  const levels = hidden.map((width, level) => {
    channels *= level === 0 ? 4 : 2;
    const network = convConditioner({ hidden: width, ...(condition !== undefined && { condition }) });
    const steps = Array.from({ length: depth }, (_, i) => i).flatMap((i) => [
      actnorm(channels),
      invertibleLinear(channels, foldKey(foldKey(structureKey, level), i)),
      coupling({ channels, transform: affine(), network }),
    ]);
    return [...(level === 0 ? curveOf(shape, curve) : []), squeezeLayer(), ...steps];
  });
  return multiScale({ shape, levels });
}

/**
 * RealNVP over images: in each level couplings with chessboard masks, then squares of pixels become channels, then
 * couplings of channels; half of the channels are done after each level. The last level has chessboards only.
 *
 * Source: Dinh, Sohl-Dickstein and Bengio, "Density estimation using Real NVP" (2017), section 3.6, with actnorm in the
 * place of batch norm and plain convolutions in that of residual ones.
 */
export function imageRealNvp({ shape, hidden, depth, condition, curve }: ImageFlowOptions): FlowLayer {
  requireHalves(shape, hidden.length - 1);
  const last = hidden.length - 1;
  let [channels, height, width] = shape;
  const levels = hidden.map((size, level) => {
    const network = convConditioner({ hidden: size, ...(condition !== undefined && { condition }) });
    const area = [channels, height, width];
    const boards = Array.from({ length: level === last ? depth + 1 : depth }, (_, i) => i).flatMap((i) => [
      actnorm(channels),
      maskedCoupling({ mask: checkerboard(area, i % 2 === 0 ? 1 : 0), shape: area, transform: affine(), network }),
    ]);
    const first = level === 0 ? curveOf(shape, curve) : [];
    if (level === last) return [...first, ...boards];
    const squeezed = channels * 4;
    const byChannels = Array.from({ length: depth }, (_, i) => i).flatMap((i) => [
      actnorm(squeezed),
      coupling({ channels: squeezed, reverse: i % 2 === 1, transform: affine(), network }),
    ]);
    channels = squeezed / 2;
    height /= 2;
    width /= 2;
    return [...first, ...boards, squeezeLayer(), ...byChannels];
  });
  return multiScale({ shape, levels });
}
