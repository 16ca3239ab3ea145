/** Images as a network of somebody's wants them: bytes, channels, size, range, layout. */

import { GalateaError, type Shape, sizeOf } from "../../../core/base/index.ts";
import type { ImageSet } from "../image-quality.ts";

/** How bytes become the values that a network reads. */
export const valueRanges = {
  /** 0 to 1. */
  unit: { scale: 1 / 255, mean: [0, 0, 0], deviation: [1, 1, 1] },
  /** -1 to 1. */
  signed: { scale: 1 / 255, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] },
  /** Means and deviations of ImageNet's channels, as networks of torchvision are trained. */
  imagenet: { scale: 1 / 255, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
  /** 0 to 255. */
  bytes: { scale: 1, mean: [0, 0, 0], deviation: [1, 1, 1] },
} as const;

export type ValueRange = keyof typeof valueRanges;

export const rangeNames = Object.keys(valueRanges) as readonly ValueRange[];

/** As it is told beside a score. */
export const resizeFilter = "cubic (Catmull-Rom), with antialiasing (sharp)";

/** Floats from 0 to 1 as bytes; what is outside is clipped. */
export function toBytes({ shape, data }: ImageSet): ImageSet & { readonly data: Uint8Array } {
  if (data instanceof Uint8Array) return { shape, data };
  const bytes = Uint8Array.from(data, (value) => (value > 0 ? Math.round(Math.min(value, 1) * 255) : 0));
  return { shape, data: bytes };
}

/**
 * Bytes of images [N, C, H, W] in another number of channels: grey repeated, or colours weighed to grey.
 * @throws GalateaError `data` for other changes.
 */
export function withChannels(
  { shape, data }: ImageSet & { readonly data: Uint8Array },
  channels: number,
): ImageSet & { readonly data: Uint8Array } {
  const [count, own, height, width] = shape;
  if (own === channels) return { shape, data };
  const wanted: Shape = [count, channels, height, width];
  const [plane, out] = [height * width, new Uint8Array(sizeOf(wanted))];
  if (own === 1 && channels === 3) {
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < 3; c++) out.set(data.subarray(i * plane, (i + 1) * plane), (3 * i + c) * plane);
    }
    return { shape: wanted, data: out };
  }
  if (own === 3 && channels === 1) {
    for (let at = 0; at < count * plane; at++) {
      const first = Math.floor(at / plane) * 3 * plane + (at % plane);
      // Luma of ITU-R BT.601.
      out[at] = Math.round(0.299 * data[first] + 0.587 * data[first + plane] + 0.114 * data[first + 2 * plane]);
    }
    return { shape: wanted, data: out };
  }
  throw new GalateaError(
    "data",
    "features",
    `images have ${own} channels`,
    `the net reads ${channels}; 1 or 3 can be changed`,
  );
}

/** Bytes of images [N, C, H, W] at another size. */
export async function resized(
  images: ImageSet & { readonly data: Uint8Array },
  [height, width]: readonly [number, number],
): Promise<ImageSet & { readonly data: Uint8Array }> {
  const [count, channels, ownHeight, ownWidth] = images.shape;
  if (ownHeight === height && ownWidth === width) return images;
  const { default: sharp } = await import("sharp");
  const [own, wanted] = [ownHeight * ownWidth, height * width];
  const out = new Uint8Array(count * channels * wanted);
  for (let plane = 0; plane < count * channels; plane++) {
    const raw = { width: ownWidth, height: ownHeight, channels: 1 } as const;
    const bytes = await sharp(images.data.subarray(plane * own, (plane + 1) * own), { raw })
      .resize(width, height, { fit: "fill", kernel: "cubic" })
      .toColourspace("b-w")
      .raw()
      .toBuffer();
    out.set(bytes, plane * wanted);
  }
  return { shape: [count, channels, height, width], data: out };
}

/** Bytes [N, C, H, W] as float32 of a range, in the layout [N, C, H, W] or [N, H, W, C]. */
export function toFloats({ shape, data }: ImageSet, range: ValueRange, layout: "NCHW" | "NHWC"): Float32Array {
  const [count, channels, height, width] = shape;
  const { scale, mean, deviation } = valueRanges[range];
  const out = new Float32Array(data.length);
  const plane = height * width;
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < channels; c++) {
      for (let at = 0; at < plane; at++) {
        const from = (i * channels + c) * plane + at;
        const to = layout === "NCHW" ? from : (i * plane + at) * channels + c;
        out[to] = (data[from] * scale - mean[c]) / deviation[c];
      }
    }
  }
  return out;
}
