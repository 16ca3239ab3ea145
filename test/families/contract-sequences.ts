/** Families over sequences under contract: texts of a small grammar, translations that are known. */

import {
  ctcRecognizer,
  type Family,
  forecaster,
  imageEncoder,
  labelEncoder,
  languageModel,
  lstmDecoder,
  lstmEncoder,
  lstmReader,
  patchTransformer,
  plannedSound,
  planVocabulary,
  pointerNetwork,
  sequenceToSequence,
  spanExtractor,
  storyEncoder,
  tokenDecoder,
  tokenEncoder,
  waveNet,
} from "../../src/learn/models/index.ts";
import type { HostBatch } from "../../src/run/model.ts";
import type { FamilyUnderContract } from "./under-contract.ts";

const [pad, begin, end] = [0, 1, 2];
/** Letters 3 .. 8. */
const letters = 6;
const vocabulary = 3 + letters;

/** A number from 0 to 1 that depends on i, spread evenly. */
const spread = (i: number): number => (i * 0.618_033_988_75) % 1;

function ints(rows: readonly (readonly number[])[]): HostBatch[string] {
  return { dtype: "int32", shape: [rows.length, rows[0].length], data: Int32Array.from(rows.flat()) };
}

const filled = (row: readonly number[], size: number): number[] => [...row, ...Array(size - row.length).fill(pad)];

/** Words of 3 to 5 letters. */
function word(i: number): number[] {
  const length = 3 + Math.floor(3 * spread(7 * i + 1));
  return Array.from({ length }, (_, t) => 3 + Math.floor(letters * spread(13 * i + 5 * t + 2)));
}

const places = 7;
/** Letters in the order of the alphabet, round and round, from any on: the first says all others. */
function alphabet(start: number, count: number): HostBatch {
  const rows = Array.from({ length: count }, (_, i) => {
    const length = 4 + ((start + i) % 3);
    const text = Array.from({ length }, (_, t) => 3 + ((start + i + t) % letters));
    return filled([begin, ...text, end], places + 1);
  });
  return { tokens: ints(rows) };
}

/** Words, and the same words backwards. */
function reversed(start: number, count: number): HostBatch {
  const words = Array.from({ length: count }, (_, i) => word(start + i));
  return {
    source: ints(words.map((one) => filled(one, 5))),
    target: ints(words.map((one) => filled([...one.toReversed(), end], 6))),
  };
}

const [sentences, persons, rooms] = [3, 2, 3];
/** Two persons, 3 and 4, go to rooms, 5 to 7, one after another; where is one of them? */
function stories(start: number, count: number): HostBatch {
  const rows = Array.from({ length: count }, (_, b) => {
    const i = start + b;
    const told = Array.from({ length: sentences }, (_, s) => {
      // Both go somewhere.
      const person = s < persons ? (i + s) % persons : Math.floor(persons * spread(5 * i));
      return [3 + person, 3 + persons + Math.floor(rooms * spread(7 * i + 3 * s + 1))];
    });
    const asked = 3 + Math.floor(persons * spread(11 * i + 1));
    const [, room] = told.findLast(([person]) => person === asked) ?? [0, 0];
    return { story: told.flat(), question: [asked, pad], target: [room, end] };
  });
  const story = {
    dtype: "int32",
    shape: [count, sentences, 2],
    data: Int32Array.from(rows.flatMap((row) => row.story)),
  };
  return {
    story: story as HostBatch[string],
    question: ints(rows.map((row) => row.question)),
    target: ints(rows.map((row) => row.target)),
  };
}

/** All letters in some order, and the place of one of them. */
function letterPlaces(start: number, count: number): HostBatch {
  const rows = Array.from({ length: count }, (_, b) => {
    const i = start + b;
    const context = Array.from({ length: letters }, (_, t) => 3 + ((i + t) % letters));
    const place = Math.floor(letters * spread(7 * i + 1));
    return { context, question: [context[place], pad], span: [place, place] };
  });
  return {
    context: ints(rows.map((row) => row.context)),
    question: ints(rows.map((row) => row.question)),
    span: ints(rows.map((row) => row.span)),
  };
}

const frames = 14;
const features = letters;
/** Words as tones: two frames for each letter, the letter's own number high. */
function spoken(start: number, count: number): HostBatch {
  const words = Array.from({ length: count }, (_, i) => word(start + i).slice(0, 4));
  const data = new Float32Array(count * frames * features);
  const noise = (i: number): number => 0.4 * (spread(i) - 0.5);
  for (let i = 0; i < data.length; i++) data[i] = noise(start * frames * features + i);
  words.forEach((one, b) => {
    one.forEach((letter, t) => {
      for (const at of [0, 1]) data[(b * frames + 3 * t + at) * features + letter - 3] += 1;
    });
  });
  return {
    features: { dtype: "float32", shape: [count, frames, features], data },
    frames: { dtype: "int32", shape: [count], data: Int32Array.from(words, (one) => 3 * one.length) },
    target: ints(words.map((one) => filled(one, 4))),
    length: { dtype: "int32", shape: [count], data: Int32Array.from(words, (one) => one.length) },
  };
}

const [past, future] = [16, 4];
/** Waves of two lengths, of any size and at any height. */
function waves(start: number, count: number): HostBatch {
  const rows = Array.from({ length: count }, (_, b) => {
    const i = start + b;
    const [size, height, phase] = [1 + 5 * spread(i), 20 * spread(3 * i), 10 * spread(7 * i)];
    const length = i % 2 === 0 ? 8 : 6;
    return Array.from(
      { length: past + future },
      (_, t) => height + size * Math.sin((2 * Math.PI * t) / length + phase),
    );
  });
  const part = (from: number, size: number): HostBatch[string] => {
    const data = Float32Array.from(rows.flatMap((row) => row.slice(from, from + size)));
    return { dtype: "float32", shape: [count, size], data };
  };
  return { past: part(0, past), future: part(past, future) };
}

/** Nats a value of a Laplace distribution of the past's deviation, which all waves have. */
const unaware = (): number => Math.log(2 * Math.E * Math.SQRT1_2);

/** Images with one bright quarter, and two letters that say which and how bright. */
function quarters(start: number, count: number): HostBatch {
  const image = new Uint8Array(count * 64);
  const rows = Array.from({ length: count }, (_, b) => {
    const i = start + b;
    const [quarter, isBright] = [i % 4, spread(3 * i) < 0.5];
    const [top, left] = [4 * Math.floor(quarter / 2), 4 * (quarter % 2)];
    for (let p = 0; p < 64; p++) {
      const [y, x] = [Math.floor(p / 8), p % 8];
      const isInside = y >= top && y < top + 4 && x >= left && x < left + 4;
      image[64 * b + p] = isInside ? (isBright ? 255 : 128) : 0;
    }
    return [3 + quarter, isBright ? 7 : 8, end];
  });
  return { image: { dtype: "uint8", shape: [count, 1, 8, 8], data: image }, target: ints(rows) };
}

/** Sounds of two labels: two levels that take turns, every second or every third sample. */
function sounds(start: number, count: number): HostBatch {
  const label = Int32Array.from({ length: count }, (_, i) => (start + i) % 2);
  const rows = Array.from(label, (one) => Array.from({ length: 12 }, (_, t) => (t % (one + 2) === 0 ? 5 : 3)));
  return { label: { dtype: "int32", shape: [count], data: label }, target: ints(rows) };
}

const planned = planVocabulary({ codes: 4, classes: 2 });

/** Nats a token of a model that knows no more than how often each letter is. */
const blind = (): number => Math.log(letters);

const small = { vocabulary, width: 16, depth: 1, heads: 2 } as const;
const special = { begin, end, pad };
const source = { source: { dtype: "int32", shape: [5] } } as const;
const readSource = { field: "source", pad } as const;

export const sequencesUnderContract: readonly FamilyUnderContract[] = [
  {
    name: "language model, transformer",
    family: languageModel({
      network: tokenDecoder({ ...small, places, positions: "learned" }),
      places,
      ...special,
      never: [begin],
    }) as Family,
    steps: 40,
    learningRate: 0.02,
    bound: () => blind() / 2,
    fields: alphabet,
    running: [],
  },
  {
    name: "language model, lstm",
    family: languageModel({
      network: lstmDecoder({ vocabulary, embedding: 8, hidden: 16, layers: 1 }),
      places,
      ...special,
      never: [begin],
    }) as Family,
    steps: 40,
    learningRate: 0.03,
    bound: () => blind() / 2,
    fields: alphabet,
    running: [],
  },
  {
    name: "encoder-decoder, transformer",
    family: sequenceToSequence({
      inputs: source,
      encoder: tokenEncoder({ ...small, ...readSource, places: 5, positions: "sinusoidal" }),
      decoder: tokenDecoder({ ...small, places: 6, positions: "rotary", cross: true }),
      places: 6,
      ...special,
    }) as Family,
    steps: 120,
    learningRate: 0.02,
    bound: () => blind() / 2,
    fields: reversed,
    isCertain: true,
    running: [],
  },
  {
    name: "encoder-decoder, lstm with attention before",
    family: sequenceToSequence({
      inputs: source,
      encoder: lstmEncoder({ ...readSource, vocabulary, inputs: 8, hidden: 8, layers: 1 }),
      decoder: lstmDecoder({
        vocabulary,
        embedding: 8,
        hidden: 16,
        layers: 1,
        attention: { score: "additive", memory: 16, when: "before" },
      }),
      places: 6,
      ...special,
    }) as Family,
    steps: 80,
    learningRate: 0.03,
    bound: () => blind() / 2,
    fields: reversed,
    isCertain: true,
    running: [],
  },
  {
    name: "encoder-decoder with pointer and coverage",
    family: sequenceToSequence({
      inputs: source,
      encoder: lstmEncoder({ ...readSource, vocabulary, inputs: 8, hidden: 8, layers: 1 }),
      decoder: pointerNetwork({
        network: lstmDecoder({
          vocabulary,
          embedding: 8,
          hidden: 16,
          layers: 1,
          attention: { score: "general", memory: 16 },
        }),
        states: 16,
        memory: 16,
        coverage: 0.5,
      }),
      places: 6,
      ...special,
    }) as Family,
    steps: 60,
    learningRate: 0.03,
    bound: () => blind() / 2,
    fields: reversed,
    isCertain: true,
    running: [],
  },
  {
    name: "encoder-decoder of recurrent depth",
    family: sequenceToSequence({
      inputs: source,
      encoder: tokenEncoder({
        ...small,
        ...readSource,
        depth: 2,
        recurrentDepth: true,
        places: 5,
        positions: "sinusoidal",
      }),
      decoder: tokenDecoder({
        ...small,
        depth: 2,
        recurrentDepth: true,
        places: 6,
        positions: "sinusoidal",
        cross: true,
      }),
      places: 6,
      ...special,
    }) as Family,
    steps: 120,
    learningRate: 0.01,
    bound: () => blind() / 2,
    fields: reversed,
    isCertain: true,
    running: [],
  },
  {
    name: "answers about stories",
    family: sequenceToSequence({
      inputs: {
        story: { dtype: "int32", shape: [sentences, 2] },
        question: { dtype: "int32", shape: [2] },
      },
      encoder: storyEncoder({
        ...small,
        depth: 2,
        recurrentDepth: true,
        story: "story",
        question: "question",
        sentences,
        words: 2,
        pad,
        pauses: 0.1,
      }),
      decoder: tokenDecoder({ ...small, places: 2, positions: "learned", cross: true }),
      places: 2,
      ...special,
    }) as Family,
    steps: 150,
    learningRate: 0.01,
    // Which of the rooms it is; the end is certain.
    bound: () => Math.log(rooms) / 2 / 2,
    fields: stories,
    isCertain: true,
    running: [],
  },
  {
    name: "span extractor",
    family: spanExtractor({
      ...small,
      contextWords: letters,
      questionWords: 2,
      answerWords: 2,
      pad,
    }) as Family,
    steps: 60,
    learningRate: 0.01,
    bound: () => (2 * blind()) / 2,
    fields: letterPlaces,
    isCertain: true,
    running: [],
  },
  {
    name: "captions of images, lstm with attention spread over places",
    family: sequenceToSequence({
      inputs: { image: { dtype: "uint8", shape: [1, 8, 8] } },
      encoder: imageEncoder({ shape: [1, 8, 8], channels: [8, 12] }),
      decoder: lstmDecoder({
        vocabulary,
        embedding: 8,
        hidden: 16,
        layers: 1,
        attention: { score: "general", memory: 12, feeds: "seen" },
      }),
      places: 3,
      ...special,
      attentionSpread: 0.1,
    }) as Family,
    steps: 60,
    learningRate: 0.02,
    bound: () => (Math.log(4) + Math.LN2) / 3 / 2,
    fields: quarters,
    isCertain: true,
    running: [1, 4, 7, 10].flatMap((at) =>
      ["running_mean", "running_var"].map((name) => `encoder.stages.${at}.${name}`),
    ),
  },
  {
    name: "recognizer with ctc",
    family: ctcRecognizer({ frames, features, places: 4, vocabulary, blank: pad, hidden: 12, layers: 1 }) as Family,
    steps: 60,
    learningRate: 0.03,
    bound: () => blind() / 2,
    fields: spoken,
    isCertain: true,
    running: [],
  },
  {
    name: "wavenet that is told a label",
    family: sequenceToSequence({
      inputs: { label: { dtype: "int32", shape: [], classes: 2 } },
      encoder: labelEncoder({ classes: 2, size: 4 }),
      decoder: waveNet({ vocabulary: 8, channels: 8, skip: 8, layers: 3, cycles: 1, memory: 4 }),
      places: 12,
      begin: 4,
    }) as Family,
    steps: 40,
    learningRate: 0.02,
    bound: () => Math.LN2 / 2,
    fields: sounds,
    isCertain: true,
    running: [],
  },
  {
    name: "language model that is told a label, wavenet",
    family: languageModel({
      network: waveNet({ vocabulary: 8, channels: 8, skip: 8, layers: 2, cycles: 1, memory: 4 }),
      places: 11,
      begin: 4,
      told: {
        inputs: { label: { dtype: "int32", shape: [], classes: 2 } },
        encoder: labelEncoder({ classes: 2, size: 4 }) as never,
      },
    }) as Family,
    steps: 40,
    learningRate: 0.02,
    bound: () => Math.LN2 / 2,
    fields: (start, count) => {
      const { label, target } = sounds(start, count);
      // Half of them one sample later, so that samples are not certain.
      const data = Int32Array.from(target.data as Int32Array);
      for (let i = 0; i < count; i++) {
        if (spread(start + i) < 0.5) data.copyWithin(12 * i + 1, 12 * i, 12 * i + 11);
      }
      return { label, tokens: { ...target, data } };
    },
    running: [],
  },
  {
    name: "planned sound",
    phase: "sound",
    family: plannedSound({
      sound: waveNet({ vocabulary: 10, channels: 8, skip: 8, layers: 3, cycles: 1, memory: 4, span: 4 }) as never,
      plan: lstmDecoder({ vocabulary: planned.size, embedding: 8, hidden: 8, layers: 1 }) as never,
      ...{ memory: 4, span: 4, rate: 1000, bands: 2, levels: 8, codes: 4, classes: 2, planRepeats: 2 },
      ...{ places: 16, begin: 4, end: 8, pad: 9 },
    }) as Family,
    steps: 60,
    learningRate: 0.02,
    bound: () => Math.LN2 / 2,
    fields: (start, count) => {
      const { label, target } = sounds(start, count);
      const rows = Array.from({ length: count }, (_, i) => {
        // From 9 samples on, so that plans are of different length.
        const length = 9 + Math.floor(4 * spread(start + i));
        const own = Array.from(target.data.slice(12 * i, 12 * i + length), Number);
        return [4, ...own, 8, ...Array(15 - length).fill(9)];
      });
      return { label, tokens: ints(rows) };
    },
    running: ["weight", "cluster_size", "cluster_sum"].map((leaf) => `codebook.${leaf}`),
  },
  ...(["lstm", "transformer", "normal"] as const).map((kind): FamilyUnderContract => {
    const reader =
      kind !== "transformer"
        ? lstmReader({ context: past, patch: 2, hidden: 12, layers: 1 })
        : patchTransformer({ context: past, patch: 4, width: 12, depth: 1, heads: 2 });
    return {
      name: `forecaster, ${kind}`,
      family: forecaster({
        ...{ context: past, horizon: future, reader },
        ...(kind === "normal" && { distribution: "normal" }),
      }) as Family,
      steps: 60,
      learningRate: 0.01,
      bound: () => unaware() / 2,
      fields: waves,
      running: [],
    };
  }),
];
