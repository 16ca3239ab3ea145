/** A small convolutional classifier whose last hidden layer serves as features. */

import { formatShape, GalateaError, type Shape, sizeOf } from "../../../core/base/index.ts";
import { foldKey, type Tensor, type TensorTree } from "../../../core/trace/index.ts";
import {
  batchNorm,
  type Context,
  conv2d,
  dropout,
  evaluationContext,
  flatten,
  initializers,
  type Layer,
  linear,
  maxPool2d,
  relu,
  sequential,
  subcontext,
} from "../../nn/index.ts";
import type { TensorBatch, TrainableFamily } from "../family.ts";

export interface ClassifierOptions {
  /** Shape of one image, [C, H, W]. */
  readonly shape: Shape;
  readonly classes: number;
  /** Width of the last hidden layer; 128 where absent. */
  readonly features?: number;
  /** Channels of the first stage, which double with each; 16 where absent. */
  readonly channels?: number;
  /** Chance that a feature is dropped in training; 0.3 where absent. */
  readonly drop?: number;
}

export interface Classified {
  /** The last hidden layer, [B, features], 0 or more. */
  readonly features: Tensor;
  /** [B, classes]. */
  readonly probabilities: Tensor;
}

export interface Classifier extends TrainableFamily {
  readonly options: Required<ClassifierOptions>;
  /** What it sees in the batch's `image`. */
  classify(parameters: TensorTree, batch: TensorBatch): Classified;
}

/** Sides that a stage may leave. */
const smallestSide = 4;
const [mostStages, mostChannels] = [4, 128];

/** How often both sides can be halved. */
function stagesOf([, height, width]: Shape): number {
  const halvings = Math.floor(Math.log2(Math.min(height, width) / smallestSide));
  return Math.max(1, Math.min(mostStages, halvings));
}

/**
 * A classifier: stages of convolution 3 x 3, batch normalization, ReLU and 2 x 2 maximum, until sides are between 4 and
 * 8; then one hidden layer, the features, and the classes.
 *
 * loss = mean cross-entropy of the classes, in nats
 *
 * Shapes: reads `image` uint8 [B, C, H, W] and `label` int32 [B].
 * @throws GalateaError `config` for fewer than 2 classes or images below 2 x 2.
 */
export function classifier(given: ClassifierOptions): Classifier {
  const options = { features: 128, channels: 16, drop: 0.3, ...given };
  const { shape, classes, features, channels, drop } = options;
  if (shape.length !== 3 || Math.min(shape[1], shape[2]) < 2 || !(classes >= 2)) {
    const seen = `${classes} classes of images ${formatShape(shape)}`;
    throw new GalateaError("config", "classifier", seen, "at least 2 classes, [C, H, W] of at least 2 x 2");
  }
  const hidden = { init: initializers.heUniform, biasInit: initializers.zeros };
  const stages: Layer[] = [];
  let [inputs, height, width] = shape;
  for (let stage = 0; stage < stagesOf(shape); stage++) {
    const outputs = Math.min(mostChannels, channels * 2 ** stage);
    // Batch normalization has a shift of its own.
    stages.push(conv2d({ inputs, outputs, kernel: 3, padding: 1, bias: false, init: initializers.heUniform }));
    stages.push(batchNorm({ channels: outputs }), relu, maxPool2d({ kernel: 2, stride: 2 }));
    [inputs, height, width] = [outputs, Math.floor(height / 2), Math.floor(width / 2)];
  }
  const body = sequential(
    ...stages,
    flatten(),
    linear({ inputs: sizeOf([inputs, height, width]), outputs: features, ...hidden }),
    relu,
  );
  const head = sequential(
    dropout(drop),
    linear({ inputs: features, outputs: classes, init: initializers.glorotUniform, biasInit: initializers.zeros }),
  );
  const seen = (parameters: TensorTree, batch: TensorBatch, context: Context): Readonly<Record<string, Tensor>> => {
    const tree = parameters as { readonly body: never; readonly head: never };
    const x = batch.image.cast("float32").mul(1 / 255);
    const own = body.apply(tree.body, x, subcontext(context, 0));
    return { features: own, logits: head.apply(tree.head, own, subcontext(context, 1)) };
  };
  return {
    options,
    inputs: { image: { dtype: "uint8", shape }, label: { dtype: "int32", shape: [] } },
    init: (key) => ({ body: body.init(foldKey(key, 0)), head: head.init(foldKey(key, 1)) }),
    phases: [
      {
        name: "train",
        trains: () => true,
        loss: (parameters, batch, context) => {
          const { logits } = seen(parameters, batch, context);
          const accuracy = logits.argMax(1).equal(batch.label.cast("int64")).cast("float32").mean();
          return { loss: logits.crossEntropy(batch.label).mean(), metrics: { accuracy } };
        },
      },
    ],
    classify: (parameters, batch) => {
      const { features: own, logits } = seen(parameters, batch, evaluationContext());
      return { features: own, probabilities: logits.softmax(1) };
    },
  };
}
