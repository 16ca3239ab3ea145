/** What a person says to models of stories and of texts with questions. */

import { GalateaError } from "../../../core/base/index.ts";
import type { Tokenizers } from "../dataset.ts";
import type { Teller, Tellers } from "../teller.ts";
import { encodePieces, type PassageReading, pieceNumbers } from "./load-passages.ts";
import { encodeLine, encodeStory, type StoryReading } from "./load-stories.ts";
import { splitPieces, splitSentences } from "./sentences.ts";

/** A story and a question about it. */
export function storyTellers(reading: StoryReading, { story, question }: Tokenizers): Tellers {
  return {
    story: {
      what: "what happened, in sentences",
      read: async (text) => {
        const sentences = splitSentences(requireText("story", text));
        requireLength("story", sentences.length, "sentences", reading.sentences);
        for (const sentence of sentences) {
          requireLength("story", story.encode(sentence).length, "words in a sentence", reading.words);
        }
        return { fields: { story: encodeStory(sentences, story, reading, "story").tokens } };
      },
    },
    question: {
      what: "a question about it",
      read: async (text) => {
        requireLength("question", question.encode(requireText("question", text)).length, "words", reading.words);
        return { fields: { question: encodeLine(text, question, reading, "question").tokens } };
      },
    },
  };
}

/** A text and a question that its words answer. */
export function passageTellers(
  { contextWords, questionWords, longer }: PassageReading,
  tokenizers: Tokenizers,
): Tellers {
  const teller = (name: "context" | "question", places: number, what: string): Teller => ({
    what,
    read: async (text) => {
      const pad = tokenizers[name].specialTokens.pad ?? 0;
      const numbers = pieceNumbers(tokenizers[name])(splitPieces(requireText(name, text)));
      requireLength(name, numbers.length, "words", places);
      return { fields: { [name]: encodePieces(numbers, { places, longer, pad }, name, `${name}Words`) } };
    },
  });
  return {
    context: teller("context", contextWords, "a text"),
    question: teller("question", questionWords, "a question about it"),
  };
}

function requireText(name: string, text: string): string {
  if (text.trim() !== "") return text;
  throw new GalateaError("usage", `--condition ${name}`, "got an empty text", "give some text");
}

/** What a person says is never cut: nobody would tell them. */
function requireLength(name: string, count: number, what: string, most: number): void {
  if (count <= most) return;
  const right = `the model reads ${most} at most: give a shorter text`;
  throw new GalateaError("usage", `--condition ${name}`, `got ${count} ${what}`, right);
}
