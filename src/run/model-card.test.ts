import { expect, test } from "vitest";
import { type DataSplits, memoryDataset } from "./data/index.ts";
import { type ModelCardFacts, modelCard } from "./model-card.ts";

const images = (name: string, count: number) =>
  memoryDataset(
    name,
    count,
    {
      image: { dtype: "uint8", shape: [1, 2, 2], data: new Uint8Array(4 * count) },
      label: { dtype: "int32", shape: [], data: new Int32Array(count) },
    },
    ["cat", "dog"],
  );

const data: DataSplits = {
  name: "pets",
  description: "1,400 images, grey 2 x 2, 2 classes",
  train: images("pets", 1200),
  validation: images("pets validation", 100),
  test: images("pets test", 100),
  notes: ["/home/ovid/pets/broken.png: cannot be decoded"],
};

const facts: ModelCardFacts = {
  preset: { name: "digits/vae", summary: "a variational autoencoder over images of digits" },
  family: {
    name: "vae",
    inputs: { image: { dtype: "uint8", shape: [1, 2, 2] } },
    outputs: { image: { dtype: "float32", shape: [1, 2, 2] } },
  },
  config: {
    steps: 4000,
    seed: 7,
    validationExamples: 40,
    learningRate: 0.001,
    schedule: "cosine",
    hidden: [512, 512],
  } as ModelCardFacts["config"],
  data,
  source: "/home/ovid/pets",
  backend: { name: "cpu", threads: 2 },
  parameterCount: 123_456,
  metrics: { negativeElbo: 100.123456789, kl: 25, accuracy: 0.5 },
};

test("a card tells what the model is, how it was made and what it must not be used for", () => {
  expect(modelCard(facts)).toMatchInlineSnapshot(`
    "# digits/vae

    This model is a variational autoencoder over images of digits.

    ## Model

    |  |  |
    | --- | --- |
    | preset | \`digits/vae\` |
    | family | \`vae\` |
    | parameters | 123,456 |
    | reads | \`image\` uint8[1, 2, 2] |
    | makes | \`image\` float32[1, 2, 2] |

    ## Data

    |  |  |
    | --- | --- |
    | data set | \`pets\` |
    | content | 1,400 images, grey 2 x 2, 2 classes |
    | source | \`pets\` |
    | training examples | 1,200 |
    | validation examples | 100 |
    | test examples | 100 |
    | fields | \`image\` uint8[1, 2, 2], \`label\` int32[] |
    | classes | \`cat\`, \`dog\` |

    ## Training

    |  |  |
    | --- | --- |
    | steps | 4,000 |
    | seed | 7 |
    | backend | \`cpu\` |
    | threads | 2 |
    | Galatea | 0.1.0 |

    On the same machine, these with the same data and the options below give the same weights.

    | option | value |
    | --- | --- |
    | \`steps\` | \`4000\` |
    | \`seed\` | \`7\` |
    | \`validationExamples\` | \`40\` |
    | \`learningRate\` | \`0.001\` |
    | \`schedule\` | \`"cosine"\` |
    | \`hidden\` | \`[512,512]\` |

    \`galatea presets digits/vae\` says what each option means.

    ## Results

    Means over 40 validation examples after step 4,000.
    The model was not trained on them, but its options may have been chosen by them; \`galatea evaluate\` judges it on
    the test examples.

    | metric | value | unit |
    | --- | --- | --- |
    | \`negativeElbo\` | 100.123 | nats |
    | \`kl\` | 25 | nats |
    | \`accuracy\` | 0.5 |  |

    ## Files

    | file | content |
    | --- | --- |
    | \`config.json\` | all that decides the numbers of the run |
    | \`metrics.jsonl\` | metrics by step, one JSON object a line |
    | \`events.out.tfevents.*\` | the same for TensorBoard |
    | \`checkpoints/*.safetensors\` | weights and the optimizer's state |
    | \`samples/\` | pictures of what the model makes |

    ## How to use it

    \`<run>\` is the folder of this card.

    \`\`\`sh
    galatea sample <run> -n 64 --seed 0   # new examples; the same seed gives the same ones
    galatea evaluate <run>                # scores on the test examples
    tensorboard --logdir <run>            # curves
    \`\`\`

    ## Intended use

    To make new examples that resemble the data above, for study, experiments and tests. Nothing was measured
    beyond the results above: that the model is fit for a use has to be shown for that use, by somebody who
    answers for it.

    ## Limits

    - **It can reproduce training examples**, exactly or nearly. Where the data is private or protected, treat the
      weights and the samples like the data itself.
    - **Its samples are not evidence.** They are made up: they show nothing that exists or happened. Say that they are
      generated wherever you show them.
    - **The bias of the data carries over**, and can grow. What is rare or missing in the data is rarer or missing
      here; errors and prejudices in the data return in the samples.
    - **Averages hide failures.** A good mean score does not make each sample good, nor every kind of example well
      covered. On inputs unlike its data, the model's answers mean little.
    - **Rights and consent are not recorded here.** The data's licence, and what the people in it agreed to, bind the
      model and its samples too.
    "
  `);
});

test("a card holds no path and no trace of the machine", () => {
  const card = modelCard({
    ...facts,
    presetFile: "C:\\Users\\ovid\\mine.config.ts",
    source: "/home/ovid/pets/",
  });
  expect(card).not.toContain("ovid");
  expect(card).toContain("from a file of one's own, `mine.config.ts`");
  expect(card).not.toContain("galatea presets");
  expect(card).toContain("| source | `pets` |");
});

test("data that nobody named has its own name as its source", () => {
  const { source: _, ...unnamed } = facts;
  expect(modelCard(unnamed)).toBe(modelCard({ ...facts, source: "pets" }));
});

test("odd names stay in their cells", () => {
  const card = modelCard({ ...facts, data: { ...data, name: "a|b\n# `c`" } });
  expect(card).toContain("| data set | `a\\|b # 'c'` |");
});

test("numbers that are none, and no numbers at all", () => {
  expect(modelCard({ ...facts, metrics: { kl: Number.NaN } })).toContain("| `kl` | NaN | nats |");
  expect(modelCard({ ...facts, metrics: {} })).toContain("None were measured");
});

test("a family that makes no pictures has no folder of them", () => {
  const outputs = { text: { dtype: "int32", shape: [64] } } as const;
  expect(modelCard({ ...facts, family: { ...facts.family, outputs } })).not.toContain("`samples/`");
});
