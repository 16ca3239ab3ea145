/** Penalties on how steep a discriminator is: losses that hold gradients. */

import { gradients } from "../../../core/autodiff/index.ts";
import { randomUniform, type Tensor } from "../../../core/trace/index.ts";

/** A square root's gradient at 0 is infinite. */
const epsilon = 1e-12;

/** Squared length of the gradient of each output [B] by its own example, [B]. */
function squaredSlopes(outputs: Tensor, examples: Tensor): Tensor {
  // An output depends on its own example only, so the sum's gradient holds each one's.
  const [slopes] = gradients(outputs.sum(), [examples]);
  return slopes.flatten().square().sum(1);
}

/**
 * The gradient penalty of WGAN-GP: mean of (|grad D(x)| - 1)^2 at random places between real and generated examples.
 *
 * x = a real + (1 - a) fake, a uniform in (0, 1) for each example
 *
 * Shapes: real and fake [B, ...], judge [B, ...] -> [B]; the result is a scalar.
 *
 * Source: Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville, "Improved training of Wasserstein GANs" (2017).
 */
export function gradientPenalty(judge: (x: Tensor) => Tensor, real: Tensor, fake: Tensor, key: Tensor): Tensor {
  const share = randomUniform(key, [real.shape[0], ...real.shape.slice(1).map(() => 1)]);
  const between = fake.add(real.sub(fake).mul(share));
  return squaredSlopes(judge(between), between).add(epsilon).sqrt().sub(1).square().mean();
}

/**
 * Half the mean squared gradient of D at examples: the penalty R1 where they are real, R2 where they are generated. With
 * either, training comes to rest where the two distributions are equal.
 *
 * Shapes: outputs [B], which were computed from `examples` [B, ...]; the result is a scalar.
 *
 * Source: Mescheder, Geiger and Nowozin, "Which training methods for GANs do actually converge?" (2018).
 */
export function zeroCenteredPenalty(outputs: Tensor, examples: Tensor): Tensor {
  return squaredSlopes(outputs, examples).mean().mul(0.5);
}
