import { describe, expect, test } from "vitest";
import { bleu, bleuTokens, chrf } from "./index.ts";

/** The example in sacreBLEU's documentation, which prints what each call gives. */
const texts = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."];
const firstSet = ["The dog bit the man.", "It was not unexpected.", "The man bit him first."];
const secondSet = ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."];
const references = firstSet.map((reference, i) => [reference, secondSet[i]]);

describe("bleu", () => {
  test("of the documented example, line and signature included", () => {
    const { line, signature, score } = bleu(texts, references);
    expect(line).toBe("BLEU = 48.53 82.4/50.0/45.5/37.5 (BP = 0.943 ratio = 0.944 hyp_len = 17 ref_len = 18)");
    expect(signature).toBe("nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:2.0.0");
    expect(score).toBeCloseTo(48.530827, 6);
  });
  test("an empty reference counts as none, and the signature says that their number varies", () => {
    const { line, signature } = bleu(texts, [["", secondSet[0]], ...references.slice(1)]);
    expect(line).toBe("BLEU = 29.44 82.4/42.9/27.3/12.5 (BP = 0.889 ratio = 0.895 hyp_len = 17 ref_len = 19)");
    expect(signature).toBe("nrefs:var|case:mixed|eff:no|tok:13a|smooth:exp|version:2.0.0");
  });
  test("with other tokens", () => {
    expect(bleu(texts, references, { tokens: "none" }).score).toBeCloseTo(49.1919566, 6);
    expect(bleu(["ab c"], ["ab d"], { tokens: "char" })).toMatchObject({
      textLength: 3,
      precisions: [200 / 3, 50, 50, 0],
    });
  });
  test("empty texts score 0 and are not left out", () => {
    expect(bleu(["", "", ""], references)).toMatchObject({ score: 0, textLength: 0, referenceLength: 6 + 5 + 6 });
  });
  test("smoothing: half a match for the first order that has none, a quarter for the next", () => {
    // One word of four is right: 1/4, then 1/(2 * 3), 1/(4 * 2), 1/(8 * 1).
    const expected = 100 * Math.exp((Math.log(1 / 4) + Math.log(1 / 6) + Math.log(1 / 8) + Math.log(1 / 8)) / 4);
    expect(bleu(["a x y z"], ["a b c d"]).score).toBeCloseTo(expected, 9);
    expect(bleu(["a x y z"], ["a b c d"], { smoothing: "none" }).score).toBe(0);
    const floor = bleu(["a x y z"], ["a b c d"], { smoothing: "floor", smoothingValue: 0.01 });
    expect(floor.precisions).toEqual([25, 1 / 3, 0.5, 1].map((value) => expect.closeTo(value, 9)));
    expect(floor.signature).toContain("|smooth:floor[0.01]|");
    const added = bleu(["a x y z"], ["a b c d"], { smoothing: "add-k" });
    expect(added.precisions).toEqual([25, 25, 100 / 3, 50].map((value) => expect.closeTo(value, 9)));
    expect(added.signature).toContain("|smooth:add-k[1.00]|");
  });
  test("short texts: 0 in a corpus, up to their longest order alone", () => {
    expect(bleu(["a test"], ["a test"]).score).toBe(0);
    const alone = bleu(["a test"], ["a test"], { effectiveOrder: true, lowerCase: true });
    expect(alone.score).toBeCloseTo(100, 9);
    expect(alone.signature).toBe("nrefs:1|case:lc|eff:yes|tok:13a|smooth:exp|version:2.0.0");
    expect(bleu(["test"], ["a test"], { effectiveOrder: true }).score).toBeCloseTo(100 / Math.E, 9);
  });
  test("case counts unless it is told not to", () => {
    expect(bleu(["The Dog Bit Him"], ["the dog bit him"]).score).toBe(0);
    expect(bleu(["The Dog Bit Him"], ["the dog bit him"], { lowerCase: true }).score).toBeCloseTo(100, 9);
  });
  test("of two references as near in length the shorter counts", () => {
    expect(bleu(["a b c"], [["a b c d", "a b"]]).referenceLength).toBe(2);
    expect(bleu(["a b c"], [["a b", "a b c d"]]).referenceLength).toBe(2);
  });
  test.each([
    ["Hello, world!", "Hello , world !"],
    ["It's 3.14 or 1,000.", "It's 3.14 or 1,000 ."],
    ["pages 3-4 (e.g. AC/DC)", "pages 3 - 4 ( e . g . AC / DC )"],
    ["well-known &quot;x&quot; &amp; y", 'well-known " x " & y'],
    ["Straße… “ja”.", "Straße… “ja” ."],
    ["end.", "end ."],
    [".5 a.5 5.a", ". 5 a . 5 5 . a"],
    ["a\u00a0b\u3000c", "a b c"],
  ])("13a cuts %j", (text, expected) => {
    expect(bleuTokens(text).join(" ")).toBe(expected);
  });
  test("refuses what cannot be compared", () => {
    expect(() => bleu([], [])).toThrow(
      "bleu: 0 texts and references for 0; at least one text, and references for each",
    );
    expect(() => bleu(["a"], ["a", "b"])).toThrow("bleu: 1 texts and references for 2");
    expect(() => bleu(["a", "b"], ["a", ["", ""]])).toThrow("bleu, text 2: it has no reference");
  });
});

describe("chrf", () => {
  test("of the documented example", () => {
    const { line, signature } = chrf(texts, references);
    expect(line).toBe("chrF2 = 59.73");
    expect(signature).toBe("nrefs:2|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.0.0");
  });
  test.each([
    ["a", "a", 100],
    ["", "reference", 0],
    ["a b c", "abc", 100],
    ["aa", "ab", 25],
  ])("%j against %j, beta 3: %d", (text, reference, expected) => {
    expect(chrf([text], [reference], { beta: 3 }).score).toBeCloseTo(expected, 9);
  });
  test("adds up over the corpus before it divides", () => {
    expect(chrf(["a", "b"], ["a", "c"], { beta: 3 }).score).toBeCloseTo(50, 9);
  });
  test("white space as a character; the published value of this pair", () => {
    const [text, reference] = [
      "Die Beziehung zwischen Obama und Netanjahu ist nicht gerade freundlich.",
      "Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich.",
    ];
    const { score, signature } = chrf([text], [reference], { beta: 3, whiteSpace: true });
    expect(score).toBeCloseTo(67.3481606, 4);
    expect(signature).toContain("|space:yes|");
  });
  test("chrF++ counts words too, punctuation apart, by hand", () => {
    // "ab." is a, b, . and the words "ab" and "."; against "ab!": of one to three characters 2/3, 1/2 and 0 of 1 agree,
    // words 1/2, pairs 0 of 1. Precision and recall are the same.
    const { score, name, signature } = chrf(["ab."], ["ab!"], { wordOrder: 2 });
    expect(score).toBeCloseTo((100 * (2 / 3 + 1 / 2 + 0 + 1 / 2 + 0)) / 5, 9);
    expect(name).toBe("chrF2++");
    expect(signature).toContain("|nc:6|nw:2|");
  });
  test("of several references the one that fits best", () => {
    expect(chrf(["abc"], [["xyz", "abc"]]).score).toBeCloseTo(100, 9);
  });
  test("a character beyond the 16-bit plane is one character", () => {
    expect(chrf(["😀"], ["😁"]).score).toBe(0);
    expect(chrf(["AB"], ["ab"], { lowerCase: true }).score).toBeCloseTo(100, 9);
  });
});
