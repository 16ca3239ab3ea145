/** Differentiable augmentation: random changes that real and generated images go through before they are judged, so
 * that a discriminator cannot learn few images by heart. Gradients flow through to the generator.
 *
 * Source: Zhao, Liu, Lin, Zhu and Han, "Differentiable augmentation for data-efficient GAN training" (2020); ranges
 * are theirs, for values from -1 to 1. */

import { foldKey, randomInteger, randomUniform, range, type Tensor } from "../../../core/trace/index.ts";

export const augmentationNames = ["color", "translation", "cutout"] as const;

export type AugmentationName = (typeof augmentationNames)[number];

/** Images [B, C, H, W] of values around 0 -> the same, each changed in its own way. */
type Augmentation = (images: Tensor, key: Tensor) => Tensor;

/** The largest shift, as a share of a side, and the side of the square cut out. */
const largestShift = 1 / 8;
const cutoutShare = 1 / 2;

/** A random number for each image, [B, 1, 1, 1]. */
function each(images: Tensor, key: Tensor, low: number, high: number): Tensor {
  return randomUniform(key, [images.shape[0], 1, 1, 1], low, high);
}

/** x + b, b in (-0.5, 0.5). */
export function shiftBrightness(images: Tensor, key: Tensor): Tensor {
  return images.add(each(images, key, -0.5, 0.5));
}

/** Each pixel's colours moved from or to their mean, by a factor in (0, 2). Grey images are left as they are. */
export function scaleSaturation(images: Tensor, key: Tensor): Tensor {
  const grey = images.mean(1, true);
  return images
    .sub(grey)
    .mul(each(images, key, 0, 2))
    .add(grey);
}

/** Each image's values moved from or to their mean, by a factor in (0.5, 1.5). */
export function scaleContrast(images: Tensor, key: Tensor): Tensor {
  const mean = images.mean([1, 2, 3], true);
  return images
    .sub(mean)
    .mul(each(images, key, 0.5, 1.5))
    .add(mean);
}

/** Images moved by up to an eighth of each side; what comes in from outside is 0. */
export function translate(images: Tensor, key: Tensor): Tensor {
  const [batch, , height, width] = images.shape;
  const move = (size: number, stream: number): Tensor => {
    const most = Math.floor(size * largestShift + 0.5);
    const shift = randomInteger(foldKey(key, stream), [batch, 1, 1, 1], -most, most + 1);
    // Row i of the matrix takes row i - shift of the image.
    const from = range(size, "int32").reshape([size, 1]).sub(shift);
    return from.equal(range(size, "int32")).cast("float32"); // [B, 1, size, size]
  };
  return move(height, 0).matmul(images).matmul(move(width, 1), { transposeB: true });
}

/** A square of half the sides' lengths, around a random place, set to 0. */
export function cutOut(images: Tensor, key: Tensor): Tensor {
  const [batch, , height, width] = images.shape;
  const covered = (size: number, stream: number): Tensor => {
    const length = Math.floor(size * cutoutShare + 0.5);
    const centre = randomInteger(foldKey(key, stream), [batch, 1], 0, size + 1 - (length % 2));
    const distance = range(size, "int32").sub(centre.sub(Math.floor(length / 2)));
    return distance.greaterEqual(0).and(distance.less(length)).cast("float32"); // [B, size]
  };
  const rows = covered(height, 0).reshape([batch, 1, height, 1]);
  const columns = covered(width, 1).reshape([batch, 1, 1, width]);
  return images.sub(images.mul(rows.mul(columns)));
}

const augmentations: Readonly<Record<AugmentationName, readonly Augmentation[]>> = {
  color: [shiftBrightness, scaleSaturation, scaleContrast],
  translation: [translate],
  cutout: [cutOut],
};

/** Images changed by all augmentations of these names, in the order of {@link augmentationNames}. */
export function augmentImages(images: Tensor, key: Tensor, names: readonly AugmentationName[]): Tensor {
  const chosen = augmentationNames.filter((name) => names.includes(name)).flatMap((name) => augmentations[name]);
  return chosen.reduce((changed, augmentation, i) => augmentation(changed, foldKey(key, i)), images);
}
