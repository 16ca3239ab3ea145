import fc from "fast-check";
import { expect, test } from "vitest";
import {
  byteTokenizer,
  characterTokenizer,
  createTextStream,
  specialTokenNames,
  trainBytePairs,
  wordTokenizer,
} from "./index.ts";

const sample = "Größe 😀, näher läuft er! Näher läuft er, er läuft.";
const tokenizers = {
  characters: characterTokenizer([sample], { specialTokens: specialTokenNames }),
  bytes: byteTokenizer({ specialTokens: specialTokenNames }),
  "byte pairs": trainBytePairs([sample], { size: 270, specialTokens: specialTokenNames }),
  words: wordTokenizer([sample], { specialTokens: specialTokenNames }),
};

test.each(Object.entries(tokenizers))("%s: pieces are the text, and characters are whole", (_, tokenizer) => {
  const stream = createTextStream(tokenizer);
  const pieces = [...tokenizer.encode(sample), 3].map((id) => stream.push(id));
  expect(pieces.join("")).toBe(tokenizer.decode(tokenizer.encode(sample)));
  expect(pieces.join("|")).not.toContain("\ufffd");
  expect(stream.end()).toBe("");
});

test.each(Object.entries(tokenizers))("%s: any tokens, as a model may draw them", (_, tokenizer) => {
  const ids = fc.array(fc.integer({ min: 0, max: tokenizer.size - 1 }), { maxLength: 30 });
  fc.assert(
    fc.property(ids, (drawn) => {
      const stream = createTextStream(tokenizer);
      const pieces = drawn.map((id) => stream.push(id));
      expect(pieces.join("") + stream.end()).toBe(tokenizer.decode(drawn));
    }),
  );
});

test("a character of four bytes comes with its last byte, half of one at the end", () => {
  const bytes = tokenizers.bytes;
  const stream = createTextStream(bytes);
  const ids = bytes.encode("😀é");
  expect(ids.slice(0, 5).map((id) => stream.push(id))).toEqual(["", "", "", "😀", ""]);
  expect(stream.end()).toBe("\ufffd");
});
