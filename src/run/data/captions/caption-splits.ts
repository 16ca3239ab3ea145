/** Images with what is said of them, as a data set. */

import type { Shape } from "../../../core/base/index.ts";
import { checkIndices, type DataSplits, type Dataset, type Tokenizers, type Wording } from "../dataset.ts";
import { encodeTexts } from "../text/encode-texts.ts";
import { makeTokenizer, type PairReading, requireSpecialTokens } from "../text/load-pairs.ts";

/** How captions become tokens, and where they stand. */
export interface CaptionReading
  extends Pick<PairReading, "tokenizer" | "vocabulary" | "minimumFrequency" | "lowerCase"> {
  /** Tokens of a caption at most, its end included. */
  readonly targetPlaces: number;
  /** What is done with longer ones: an error, or they are cut off. */
  readonly longer: "refuse" | "cut";
  /** Columns of `captions.csv`: an image's path in the folder, and what is said of it. */
  readonly file: string;
  readonly caption: string;
  /** Those of a trained run, which are used rather than made anew. */
  readonly tokenizers?: Tokenizers;
}

/** One thing to learn or to be asked: an image and a caption of it. */
export interface CaptionedImage {
  /** Its number among the images. */
  readonly image: number;
  readonly caption: string;
  /** All captions that are right. */
  readonly right: Wording;
}

export interface CaptionedImages {
  /** [C, H, W]. */
  readonly shape: Shape;
  /** The pixels of images, side by side. */
  gather(images: readonly number[]): Uint8Array | Promise<Uint8Array>;
  readonly examples: readonly CaptionedImage[];
}

type Parts = Readonly<Record<"train" | "validation" | "test", CaptionedImages>>;

/**
 * Splits with the fields `image` uint8 [C, H, W] and `target` int32 [targetPlaces], an end and padding included.
 * @throws GalateaError `data` when a caption has more tokens than places, and shall not be cut.
 */
export async function captionSplits(
  { name, description, notes }: Pick<DataSplits, "name" | "description" | "notes">,
  parts: Parts,
  reading: CaptionReading,
): Promise<DataSplits> {
  const target =
    reading.tokenizers?.target ??
    (await makeTokenizer(
      parts.train.examples.map(({ caption }) => caption),
      reading,
    ));
  requireSpecialTokens(target, name);
  const tokenizers = { target };
  const part = (split: keyof Parts): Dataset => captionDataset(`${name} ${split}`, parts[split], tokenizers, reading);
  return {
    name,
    description,
    notes,
    tokenizers,
    train: part("train"),
    validation: part("validation"),
    test: part("test"),
  };
}

function captionDataset(
  name: string,
  { shape, gather, examples }: CaptionedImages,
  { target: tokenizer }: Tokenizers,
  { targetPlaces: places, longer }: CaptionReading,
): Dataset {
  const captions = examples.map(({ caption }) => caption);
  const nameOf = (i: number): string => `caption ${i + 1}`;
  const { tokens } = encodeTexts(name, captions, tokenizer, { places, longer, option: "targetPlaces", nameOf });
  return {
    name,
    count: examples.length,
    fields: { image: { dtype: "uint8", shape }, target: { dtype: "int32", shape: [places] } },
    vocabularies: { target: { size: tokenizer.size, ...tokenizer.specialTokens } },
    texts: { target: examples.map(({ right }) => right) },
    gather: async (indices) => {
      checkIndices(name, examples.length, indices);
      const wanted = Array.from(indices);
      const target = new Int32Array(wanted.length * places);
      for (const [at, i] of wanted.entries()) target.set(tokens.subarray(i * places, (i + 1) * places), at * places);
      return { image: await gather(wanted.map((i) => examples[i].image)), target };
    },
  };
}
