/** Text: files of it as plain records. Knows no model and makes no batches. */

export { readAlignedFiles, type TextPair } from "./aligned-files.ts";
export { parseStories, readBabi, type StoryQuestion } from "./babi.ts";
export { readScan } from "./scan.ts";
export { readSquad, type SpanAnswer, type SpanQuestion } from "./squad.ts";
export { readTextColumns, readTextPairs, type TextColumn } from "./text-columns.ts";
export { decodeUtf8, readTextFile, readTexts, splitLines, type TextRecord } from "./text-files.ts";
