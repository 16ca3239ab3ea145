/** Captions of generated scenes, and whether the model looks at what it names. */

import { keyFromSeed } from "../../src/core/base/index.ts";
import type { Backend } from "../../src/engine/index.ts";
import {
  attentionOverPixels,
  boxOf,
  createModel,
  type DataSplits,
  type ExampleInside,
  findPreset,
  inspectExamples,
  namedObjects,
  type OpenedRun,
  parseConfig,
  resolveData,
  type Scene,
  sceneOf,
  sceneShapes,
  sceneSizes,
  uploadWeights,
} from "../../src/run/index.ts";
import type { Row } from "./row.ts";
import { judge, trainPreset, withBackend } from "./train-and-judge.ts";

const presetName = "caption/attention";
/** Test scenes whose attention is looked at. */
const lookedAt = 500;

/** Words that name a thing, by kind, and for how many of them attention peaks in the thing's box. */
export interface Looks {
  readonly colours: readonly [hits: number, words: number];
  readonly shapes: readonly [hits: number, words: number];
  readonly sizes: readonly [hits: number, words: number];
}

/**
 * Whether the pixel that a word looks at most lies in the box of the thing that the word is said of.
 *
 * A phrase that names nothing in the scene is a miss, wherever it looks.
 */
export function countLooks(example: ExampleInside, scene: Scene): Looks {
  const maps = example.inside.find(({ name }) => name === "memoryAttention");
  if (!maps) throw new Error("the run has no attention");
  const { rows, columns, values } = maps;
  const { height = 1, width = 1 } = columns;
  const [steps, places] = [rows.labels.length, columns.labels.length];
  const looks = { colours: [0, 0], shapes: [0, 0], sizes: [0, 0] } satisfies Record<keyof Looks, [number, number]>;
  for (const [t, object] of namedObjects(rows.labels, scene).entries()) {
    if (object === undefined) continue;
    // The mean over layers and heads, where there are several.
    const weights = new Float32Array(places);
    for (let map = 0; map < maps.layers * maps.heads; map++) {
      for (let p = 0; p < places; p++) weights[p] += values[(map * steps + t) * places + p];
    }
    const light = attentionOverPixels(weights, [height, width], [scene.side, scene.side]);
    const best = light.indexOf(Math.max(...light));
    const [x, y] = [(best % scene.side) + 0.5, Math.floor(best / scene.side) + 0.5];
    const box = object === "none there" ? undefined : boxOf(scene.objects[object]);
    const word = rows.labels[t];
    const isOneOf = (list: readonly string[]): boolean => list.includes(word);
    const kind = isOneOf(sceneShapes) ? "shapes" : isOneOf(sceneSizes) ? "sizes" : "colours";
    looks[kind][1]++;
    if (box && x >= box.left && x <= box.right && y >= box.top && y <= box.bottom) looks[kind][0]++;
  }
  return looks;
}

async function judgeLooks(backend: Backend, run: OpenedRun, data: DataSplits, seed: number): Promise<Looks> {
  const model = createModel(backend, run.family);
  try {
    const found = await inspectExamples({
      model,
      parameters: await uploadWeights(backend, run),
      tokenizers: run.tokenizers,
      key: keyFromSeed(seed),
      examples: data.test,
      count: lookedAt,
    });
    const side = run.record.data.fields.image.shape[1];
    const all = found.map((example, i) => countLooks(example, sceneOf("test", i, side)));
    const sum = (kind: keyof Looks): readonly [number, number] => [
      all.reduce((total, looks) => total + looks[kind][0], 0),
      all.reduce((total, looks) => total + looks[kind][1], 0),
    ];
    return { colours: sum("colours"), shapes: sum("shapes"), sizes: sum("sizes") };
  } finally {
    await model.dispose();
  }
}

const source =
  "nobody's: the scenes are generated here; the model is that of Xu et al., Show, attend and tell (2015), trained with its " +
  "image encoder";

export const captionScenes: Row = {
  row: "caption-scenes",
  metric: "per cent of 1,000 held-out scenes whose caption is one of those that are true, word by word; greedy",
  bound: 97,
  direction: "at least",
  published: null,
  source,
  also: [
    {
      row: "caption-attention",
      metric:
        "per cent of colours and shapes in captions of 500 held-out scenes for which attention over pixels (a Gaussian of " +
        "one place about each) peaks in the box of the thing that they are said of",
      bound: 90,
      direction: "at least",
      published: null,
      source,
    },
  ],
  run: (context) =>
    withBackend(context, async (backend) => {
      const { seed, log } = context;
      const preset = findPreset(presetName);
      const config = parseConfig(preset.schema, {});
      const data = await resolveData("scenes", { reading: preset.reading?.(config) ?? {} });
      const run = await trainPreset(context, backend, { preset: presetName, options: {}, data });
      const value = await judge(context, backend, { run, data, metric: "sequenceAccuracy" });
      const looks = await judgeLooks(backend, run, data, seed);
      for (const [kind, [hits, words]] of Object.entries(looks)) log(`${kind}: ${hits} of ${words} looked at`);
      const [hits, words] = [0, 1].map((i) => looks.colours[i] + looks.shapes[i]);
      return { value, seed, also: { "caption-attention": (100 * hits) / words } };
    }),
};
