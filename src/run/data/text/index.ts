/** Text: files of it as plain records, and tokenizers that turn it into whole numbers and back. Knows no model and makes
 * no batches. */

export { readAlignedFiles, type TextPair } from "./aligned-files.ts";
export { parseStories, readBabi, type StoryQuestion } from "./babi.ts";
export type { FoundPairs } from "./find-pairs.ts";
export { loadPairs, type PairReading, pairSplits, pairTokenizerKinds } from "./load-pairs.ts";
export { loadPassages, type PassageReading, passageSplits } from "./load-passages.ts";
export { loadStories, type StoryReading, storySplits } from "./load-stories.ts";
export { loadText, type TextReading, textSplits, tokenizerKinds } from "./load-text.ts";
export {
  type BytePairOptions,
  byteTokenizer,
  type CharacterTokenizerOptions,
  characterTokenizer,
  type Texts,
  trainBytePairs,
  type WordTokenizerOptions,
  wordTokenizer,
} from "./make-tokenizers.ts";
export { type OpenTokenizerOptions, openTokenizer, saveTokenizer, tokenizerFromJson } from "./open-tokenizer.ts";
export { readScan } from "./scan.ts";
export { quote, splitPieces, splitSentences } from "./sentences.ts";
export {
  type SpecialTokenName,
  type SpecialTokenOptions,
  type SpecialTokens,
  specialTokenNames,
} from "./special-tokens.ts";
export { readSquad, type SpanAnswer, type SpanQuestion } from "./squad.ts";
export { readTextColumns, readTextPairs, type TextColumn } from "./text-columns.ts";
export { decodeUtf8, readTextFile, readTexts, splitLines, type TextRecord } from "./text-files.ts";
export { createTextStream, type TextStream } from "./text-stream.ts";
export type { Tokenizer } from "./tokenizer.ts";
export type { TokenizerJson, TokenizerPart } from "./tokenizer-json.ts";
