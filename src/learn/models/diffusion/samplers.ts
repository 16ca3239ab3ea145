/** Ways from noise to examples and back, each one loop whose step holds the network once. */

import { foldKey, randomNormal, range, scan, type Tensor, tensor } from "../../../core/trace/index.ts";
import type { Prediction } from "./prediction.ts";
import type { Level } from "./process.ts";

/** What the network says of x [B, ...] at a time [1]. */
export type Look = (x: Tensor, time: Tensor) => Tensor;

/** Numbers of a step, by name. */
type Row = Readonly<Record<string, number>>;

/** The numbers of all steps as what `scan` takes: each [steps]. */
function columns(rows: readonly Row[]): Readonly<Record<string, Tensor>> {
  const column = (name: string): Tensor =>
    tensor(
      rows.map((row) => row[name]),
      [rows.length],
    );
  return Object.fromEntries(Object.keys(rows[0]).map((name) => [name, column(name)]));
}

/** Steps numbered, for keys. */
function numbered(rows: readonly Row[]): Readonly<Record<string, Tensor>> {
  return { ...columns(rows), number: range(rows.length, "uint32") };
}

/** Standard deviation of the noise that leads from the cleaner level to the noisier one: q(x_noisy | x_clean). */
function addedNoise(noisy: Level, clean: Level): number {
  return Math.sqrt(Math.max(0, noisy.noise ** 2 - ((noisy.signal / clean.signal) * clean.noise) ** 2));
}

/** What is known of the examples. */
export interface Known {
  /** 1 where a value is known, else 0; broadcasts to x. */
  readonly mask: Tensor;
  readonly values: Tensor;
  /** How often each step is taken: all but the last time its result is brought back to the level before. */
  readonly rounds: number;
}

export interface SamplingOptions {
  readonly look: Look;
  readonly prediction: Prediction;
  /** From the level of the start to that of the result. */
  readonly levels: readonly Level[];
  /** 0: nothing random; 1: the posterior of each step. */
  readonly eta: number;
  /** Expected examples are kept within this of 0; anything where absent. */
  readonly bound?: number;
  readonly key: Tensor;
  readonly known?: Known;
}

function stepRows({ levels, prediction, eta, known }: SamplingOptions): Row[] {
  const rounds = known?.rounds ?? 1;
  return levels.slice(0, -1).flatMap((from, k) => {
    const to = levels[k + 1];
    const { clean } = prediction.estimates(from);
    const added = addedNoise(from, to);
    const fresh = (eta * to.noise * added) / from.noise;
    const row = {
      time: from.time,
      cleanX: clean.x,
      cleanOutput: clean.output,
      noiseX: 1 / from.noise,
      noiseClean: -from.signal / from.noise,
      signal: to.signal,
      kept: Math.sqrt(Math.max(0, to.noise ** 2 - fresh ** 2)),
      fresh,
    };
    if (!known) return [row];
    const here = { fromSignal: from.signal, fromNoise: from.noise };
    return Array.from({ length: rounds }, (_, round) => {
      const back = round < rounds - 1;
      return { ...row, ...here, backScale: back ? from.signal / to.signal : 1, backNoise: back ? added : 0 };
    });
  });
}

/** Streams of random numbers within a step. */
const streams = { fresh: 0, known: 1, back: 2 } as const;

/**
 * From noise to examples: DDIM, and with eta = 1 ancestral sampling.
 *
 * x' = signal' clean + sqrt(noise'^2 - s^2) e + s z with z standard normal, clean and e as the network tells them, and
 * s = eta noise' / noise sqrt(noise^2 - (signal / signal' noise')^2). Along a straight line with eta = 0 this is Euler's
 * method. Known values take their place in x before each step, with the step's noise; a step that is taken again goes
 * on from its own result, with noise added.
 *
 * Shapes: start [B, ...] -> the same.
 *
 * Source: Song, Meng and Ermon, "Denoising diffusion implicit models" (2021), equations 12 and 16; Lugmayr et al.,
 * "RePaint" (2022), algorithm 1.
 */
export function sampleAlong(start: Tensor, options: SamplingOptions): Tensor {
  const { look, eta, bound, key, known } = options;
  const { carry } = scan(
    (given: Tensor, p: Readonly<Record<string, Tensor>>) => {
      const stepKey = foldKey(key, p.number);
      const normal = (stream: number): Tensor => randomNormal(foldKey(stepKey, stream), given.shape);
      let x = given;
      if (known) {
        const noised = known.values.mul(p.fromSignal).add(normal(streams.known).mul(p.fromNoise));
        x = x.add(noised.sub(x).mul(known.mask));
      }
      const output = look(x, p.time.reshape([1]));
      const guess = x.mul(p.cleanX).add(output.mul(p.cleanOutput));
      const clean = bound === undefined ? guess : guess.clip(-bound, bound);
      const e = x.mul(p.noiseX).add(clean.mul(p.noiseClean));
      let next = clean.mul(p.signal).add(e.mul(p.kept));
      if (eta > 0) next = next.add(normal(streams.fresh).mul(p.fresh));
      if (known && known.rounds > 1) next = next.mul(p.backScale).add(normal(streams.back).mul(p.backNoise));
      return { carry: next, y: {} };
    },
    start,
    numbered(stepRows(options)),
  );
  return carry;
}

/** dx of a step: what x and the network's output are multiplied with. */
function increment({ prediction }: Pick<SamplingOptions, "prediction">, at: Level, from: Level, to: Level) {
  const { clean, noise } = prediction.estimates(at);
  const [signal, rest] = [to.signal - from.signal, to.noise - from.noise];
  return {
    byX: signal * clean.x + rest * noise.x,
    byOutput: signal * clean.output + rest * noise.output,
  };
}

export type OdeMethod = "euler" | "heun";

export interface OdeOptions {
  readonly look: Look;
  readonly prediction: Prediction;
  /** In the direction of travel. */
  readonly levels: readonly Level[];
  readonly method: OdeMethod;
  /** Given x, time and the output, the divergence of the output by x, [B]; for the change of log-density. */
  readonly divergence?: (x: Tensor, output: Tensor) => Tensor;
}

export interface Travelled {
  readonly x: Tensor;
  /** Integral of the divergence, [B]: log p(start) = log p(x) + this. 0 where no divergence is asked for. */
  readonly logDeterminant: Tensor;
}

function odeRows(options: OdeOptions): Row[] {
  return options.levels.slice(0, -1).flatMap((from, k) => {
    const to = options.levels[k + 1];
    const first = { time: from.time, ...increment(options, from, from, to), fresh: 1, now: 1, before: 0 };
    if (options.method === "euler") return [first];
    return [first, { time: to.time, ...increment(options, to, from, to), fresh: 0, now: 0.5, before: 0.5 }];
  });
}

/**
 * Along the path of no randomness (the probability flow), toward examples or toward noise.
 *
 * dx = clean d signal + e d noise. Euler's method takes both at a step's beginning; Heun's takes their means there and
 * at Euler's result, with two looks a step, which the loop takes one after the other.
 *
 * log p changes by the divergence of the drift.
 *
 * Shapes: start [B, ...].
 *
 * Source: Song et al., "Score-based generative modeling through stochastic differential equations" (2021), section 4.3;
 * Karras et al., "Elucidating the design space of diffusion-based generative models" (2022), algorithm 1, for Heun.
 */
export function travel(start: Tensor, options: OdeOptions): Travelled {
  const { look, divergence } = options;
  const size = start.size / start.shape[0];
  const zero = start.mul(0);
  const none = zero.flatten().sum(1); // [B]
  const { carry } = scan(
    ({ x, base, last, log, logBase, logLast }, p: Readonly<Record<string, Tensor>>) => {
      // A step begins anew from where it is; its second half goes on from where its first began.
      const resume = (here: Tensor, before: Tensor): Tensor => before.add(here.sub(before).mul(p.fresh));
      const advance = (from: Tensor, now: Tensor, before: Tensor): Tensor =>
        from.add(now.mul(p.now)).add(before.mul(p.before));
      const output = look(x, p.time.reshape([1]));
      const change = x.mul(p.byX).add(output.mul(p.byOutput));
      const from = resume(x, base);
      const next = { x: advance(from, change, last), base: from, last: change };
      if (!divergence) return { carry: { ...next, log, logBase, logLast }, y: {} };
      const logChange = divergence(x, output).mul(p.byOutput).add(p.byX.mul(size));
      const logFrom = resume(log, logBase);
      const logNext = { log: advance(logFrom, logChange, logLast), logBase: logFrom, logLast: logChange };
      return { carry: { ...next, ...logNext }, y: {} };
    },
    { x: start, base: zero, last: zero, log: none, logBase: none, logLast: none },
    columns(odeRows(options)),
  );
  return { x: carry.x, logDeterminant: carry.log };
}
