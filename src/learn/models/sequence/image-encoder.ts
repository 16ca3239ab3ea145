/** An encoder of images: places of a convolutional map, for a decoder to look at. */

import { formatShape, GalateaError, type Shape } from "../../../core/base/index.ts";
import { concat, foldKey, type Tensor, type TensorTree, zeros } from "../../../core/trace/index.ts";
import {
  batchNorm,
  conv2d,
  initializers,
  type Layer,
  relu,
  sequential,
  sinusoidalPositions,
  subcontext,
} from "../../nn/index.ts";
import type { Encoder } from "./token-network.ts";

export interface ImageEncoderOptions {
  /** [C, H, W], read as uint8 from the field `image`. */
  readonly shape: Shape;
  /** Channels after each stage, which halves height and width. */
  readonly channels: readonly number[];
  /**
   * How far a place sees around itself: of three stages, whose places are 8 pixels wide, each knows 22 pixels of height and
   * width (`near`), as later stages halve by kernels of 2 and the last one mixes channels only, or 50 (`far`). `near` where
   * absent.
   */
  readonly sight?: ImageSight;
}

export const imageSights = ["near", "far"] as const;

export type ImageSight = (typeof imageSights)[number];

/** A type, not an interface, so that it is a parameter tree. */
export type ImageEncoderParameters = { readonly stages: TensorTree; readonly positions: Tensor };

/** Height and width of the map that comes out. */
export function imageMap({ shape, channels }: ImageEncoderOptions): readonly [height: number, width: number] {
  const factor = 2 ** channels.length;
  const [height, width] = [shape[1] / factor, shape[2] / factor];
  if (Number.isInteger(height) && Number.isInteger(width)) return [height, width];
  const right = `height and width must be multiples of ${factor}, or use fewer stages`;
  throw new GalateaError("config", "image", `its shape is ${formatShape(shape)}`, right);
}

/**
 * Waves of a place's row, then of its column, so that what lies side by side begins alike; zeros where no pair of waves is left.
 *
 * Shapes: [height width, size], row by row.
 *
 * Source: Carion et al., "End-to-end object detection with transformers" (2020), which fixes them; here they are learned from there.
 */
function mapPositions(height: number, width: number, size: number): Tensor {
  const half = 2 * Math.floor(size / 4);
  const area = [height, width] as const;
  const waves =
    half === 0
      ? []
      : [sinusoidalPositions(height, half).unsqueeze(1), sinusoidalPositions(width, half).unsqueeze(0)].map((axis) =>
          axis.mul(0.5).expand([...area, half]),
        );
  const rest = size === 2 * half ? [] : [zeros([...area, size - 2 * half])];
  return concat([...waves, ...rest], 2).reshape([height * width, size]);
}

/**
 * Stages of two convolutions with batch norm and ReLU, the first 4 x 4 or 2 x 2 of stride 2, so that nothing is computed for
 * each pixel; then a learned vector for each place is added.
 *
 * Shapes: image uint8 [B, C, H, W] -> places [B, h w, channels of the last stage], row by row.
 * @throws GalateaError `config` when the image cannot be halved that often.
 *
 * Source: Xu et al., "Show, attend and tell" (2015), section 3.1.1, with a small network that is trained together with the
 * decoder in the place of a pretrained one.
 */
export function imageEncoder(options: ImageEncoderOptions): Encoder<ImageEncoderParameters> {
  const { shape, channels, sight = "near" } = options;
  const [height, width] = imageMap(options);
  const size = channels[channels.length - 1];
  const widths = [shape[0], ...channels];
  const layers = channels.flatMap((outputs, i): Layer[] => {
    const conv = (inputs: number, kernel: number, stride: number): Layer[] => [
      conv2d({
        inputs,
        outputs,
        kernel,
        padding: Math.floor((kernel - 1) / 2),
        stride,
        bias: false,
        init: initializers.heNormal,
      }),
      batchNorm({ channels: outputs }),
      relu,
    ];
    // A kernel of even size puts a place in the middle of the square that it halves.
    const isFar = sight === "far";
    const mixes = isFar || i < channels.length - 1;
    return [...conv(widths[i], isFar || i === 0 ? 4 : 2, 2), ...conv(outputs, mixes ? 3 : 1, 1)];
  });
  const network = sequential(...layers);
  return {
    axis: { kind: "map", field: "image", height, width },
    init: (key) => ({
      stages: network.init(foldKey(key, 0)),
      positions: mapPositions(height, width, size),
    }),
    encode: (parameters, { image }, context) => {
      const x = image.cast("float32").mul(1 / 255);
      const map = network.apply(parameters.stages as never, x, subcontext(context, 0)); // [B, size, h, w]
      const places = map.reshape([x.shape[0], size, height * width]).transpose([0, 2, 1]);
      return { places: places.add(parameters.positions) };
    },
  };
}
