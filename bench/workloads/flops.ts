/** How many floating-point operations the matrix products and convolutions of a step need, counted from the sizes: a
 * product of [m, k] and [k, n] takes 2 m k n forward and as many again for each operand's gradient. */

import sizes from "./sizes.json" with { type: "json" };

/** Multiply-adds of one layer, forward. */
interface Layer {
  readonly products: number;
  /** Whether the gradient by its input is needed: not where the input is data. */
  readonly inner: boolean;
}

function dense(rows: number, inputs: number, outputs: number, inner = true): Layer {
  return { products: rows * inputs * outputs, inner };
}

/** `places` is the number of positions of the smaller image: of a convolution's result, of a transposed one's input. */
function convolution(places: number, inputs: number, outputs: number, kernel: number, inner = true): Layer {
  return { products: places * inputs * outputs * kernel * kernel, inner };
}

/** A training step: forward, gradients by the weights, and by the inputs. */
function step(layers: readonly Layer[]): number {
  return layers.reduce((sum, { products, inner }) => sum + 2 * products * (inner ? 3 : 2), 0);
}

function forward(layers: readonly Layer[]): number {
  return layers.reduce((sum, { products }) => sum + 2 * products, 0);
}

/** Forward and the gradient by the inputs alone. */
function throughFixed(layers: readonly Layer[]): number {
  return 2 * forward(layers);
}

function perceptron(rows: number, widths: readonly number[], inner: boolean): Layer[] {
  return widths.slice(1).map((outputs, i) => dense(rows, widths[i], outputs, inner || i > 0));
}

function vae(): number {
  const { batch, pixels, hidden, latent } = sizes.vae;
  const encoder = perceptron(batch, [pixels, ...hidden, 2 * latent], false);
  return step([...encoder, ...perceptron(batch, [latent, ...hidden.toReversed(), pixels], true)]);
}

function convVae(): number {
  const { batch, image, channels, hidden, latent } = sizes["conv-vae"];
  const widths = [image[0], ...channels];
  const places = (level: number): number => batch * (image[1] >> level) * (image[2] >> level);
  const flat = (places(channels.length) / batch) * (channels.at(-1) ?? 0);
  const down = channels.map((outputs, i) => convolution(places(i + 1), widths[i], outputs, 4, i > 0));
  const up = channels.map((outputs, i) => convolution(places(i + 1), widths[i], outputs, 4));
  const middle = [
    ...perceptron(batch, [flat, hidden, 2 * latent], true),
    ...perceptron(batch, [latent, hidden, flat], true),
  ];
  return step([...down, ...middle, ...up]);
}

function dcgan(): number {
  const { batch, image, latent, channels } = sizes.dcgan;
  const [low, middle, high] = channels;
  const colours = image[0];
  const places = (level: number): number => batch * (image[1] >> level) * (image[2] >> level);
  const discriminator = (data: boolean): Layer[] => [
    convolution(places(1), colours, low, 4, !data),
    convolution(places(2), low, middle, 4),
    convolution(places(3), middle, high, 4),
    convolution(batch, high, 1, 4),
  ];
  const generator = [
    convolution(batch, latent, high, 4, false),
    convolution(places(3), high, middle, 4),
    convolution(places(2), middle, low, 4),
    convolution(places(1), low, colours, 4),
  ];
  const trainsDiscriminator = forward(generator) + 2 * step(discriminator(true));
  return trainsDiscriminator + step(generator) + throughFixed(discriminator(false));
}

function flow(): number {
  const { batch, features, hidden, layers } = sizes.flow;
  const conditioner = (inner: boolean): Layer[] => perceptron(batch, [features / 2, ...hidden, features], inner);
  return step(Array.from({ length: layers }, (_, i) => conditioner(i > 0)).flat());
}

function unet(): number {
  const { batch, image, channels, attentionSize } = sizes.unet;
  const [colours, size] = image;
  const base = channels[0];
  const placesAt = (level: number): number => batch * (size >> level) ** 2;
  const residual = (level: number, inputs: number, outputs: number): Layer[] => [
    convolution(placesAt(level), inputs, outputs, 3),
    dense(batch, 4 * base, outputs),
    convolution(placesAt(level), outputs, outputs, 3),
    ...(inputs === outputs ? [] : [convolution(placesAt(level), inputs, outputs, 1)]),
  ];
  const attention = (level: number, width: number): Layer[] => {
    const places = placesAt(level);
    return [dense(places, width, 4 * width), dense(places, places / batch, 2 * width)];
  };
  const block = (level: number, inputs: number): Layer[] => {
    const attends = size >> level === attentionSize;
    return [...residual(level, inputs, channels[level]), ...(attends ? attention(level, channels[level]) : [])];
  };
  const layers = [
    dense(batch, base, 4 * base, false),
    dense(batch, 4 * base, 4 * base),
    convolution(placesAt(0), colours, base, 3, false),
    convolution(placesAt(0), base, colours, 3),
  ];
  const kept = [base];
  let width = base;
  const last = channels.length - 1;
  channels.forEach((outputs, level) => {
    layers.push(...block(level, width));
    width = outputs;
    kept.push(width);
    if (level === last) return;
    layers.push(convolution(placesAt(level + 1), width, width, 3));
    kept.push(width);
  });
  layers.push(...residual(last, width, width), ...attention(last, width), ...residual(last, width, width));
  for (let level = last; level >= 0; level--) {
    for (let i = 0; i < 2; i++) {
      layers.push(...block(level, width + (kept.pop() ?? 0)));
      width = channels[level];
    }
    if (level > 0) layers.push(convolution(placesAt(level - 1), width, width, 3));
  }
  return step(layers);
}

/** Scores and weighted means of all heads together; queries of one length, keys of another. */
function attending(batch: number, queries: number, keys: number, width: number): Layer {
  return dense(batch * queries, keys, 2 * width);
}

function gpt(): number {
  const { batch, tokens, vocabulary, width, layers } = sizes.gpt;
  const rows = batch * tokens;
  // Queries, keys, values and result are 4 squares, the two layers between blocks 8.
  const block = [dense(rows, width, 12 * width), attending(batch, tokens, tokens, width)];
  return layers * step(block) + step([dense(rows, width, vocabulary)]);
}

function seq2seq(): number {
  const { batch, tokens, vocabulary, width, layers, feedForward } = sizes.seq2seq;
  const rows = batch * tokens;
  const attention = [dense(rows, width, 4 * width), attending(batch, tokens, tokens, width)];
  const mlp = dense(rows, width, 2 * feedForward);
  const layer = step([...attention, mlp]) + step([...attention, ...attention, mlp]);
  return layers * layer + step([dense(rows, width, vocabulary)]);
}

function lstm(): number {
  const { batch, tokens, vocabulary, width, layers } = sizes.lstm;
  const rows = batch * tokens;
  // Four gates, each from the input and from the state.
  return step([dense(rows, layers * 2 * width, 4 * width), dense(rows, width, vocabulary)]);
}

function sgemm(): number {
  return sizes.sgemm.products * 2 * sizes.sgemm.size ** 3;
}

/** Floating-point operations of one step, by workload; of some of them nobody has counted. */
export const flopsOf = {
  vae: vae(),
  "conv-vae": convVae(),
  dcgan: dcgan(),
  flow: flow(),
  unet: unet(),
  gpt: gpt(),
  seq2seq: seq2seq(),
  lstm: lstm(),
  sgemm: sgemm(),
} as const satisfies Readonly<Partial<Record<keyof typeof sizes, number>>>;
