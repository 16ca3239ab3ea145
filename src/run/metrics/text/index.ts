/** Scores of texts: translations, summaries, answers, transcripts, language models. Each equals the tool that papers
 * report it with. Functions of plain strings; knows no model, tokenizer or file. */

export {
  type AnsweredQuestion,
  type AnswerScoreOptions,
  type AnswerScores,
  answerScores,
  normalizeAnswer,
} from "./answers.ts";
export { type Bleu, type BleuOptions, type BleuSmoothing, type BleuTokens, bleu, bleuTokens } from "./bleu.ts";
export { type Chrf, type ChrfOptions, chrf } from "./chrf.ts";
export {
  characterErrorRate,
  countEdits,
  type EditCounts,
  type ErrorRate,
  sequenceAccuracy,
  tokenErrorRate,
  wordErrorRate,
} from "./error-rate.ts";
export { bitsPerCharacter, countCharacters, perplexity } from "./perplexity.ts";
export { porterStem } from "./porter.ts";
export { meanRouge, type Rouge, type RougeOptions, type RougeScore, rouge, rougeTokens } from "./rouge.ts";
export type { References } from "./words.ts";
