import { describe, expect, test } from "vitest";
import { meanRouge, porterStem, rouge, rougeTokens } from "./index.ts";

describe("rouge", () => {
  test("of a part of the reference: all that is said is right, a third of it is said", () => {
    const { rouge1, rouge2 } = rouge("testing", "testing one two");
    expect(rouge1).toEqual({ precision: 1, recall: 1 / 3, f1: 1 / 2 });
    expect(rouge2).toEqual({ precision: 0, recall: 0, f1: 0 });
  });
  test("pairs need neighbours, the longest subsequence does not", () => {
    const { rouge2, rougeL } = rouge("testing two", "testing one two");
    expect(rouge2.f1).toBe(0);
    expect(rougeL).toEqual({ precision: 1, recall: 2 / 3, f1: expect.closeTo(4 / 5, 12) });
    expect(rouge("testing one", "testing one two").rouge2).toEqual({
      precision: 1,
      recall: 1 / 2,
      f1: expect.closeTo(2 / 3, 12),
    });
    // Lin's example: "police killed the gunman" and "the gunman kill police" share "the gunman" in order.
    expect(rouge("the gunman kill police", "police killed the gunman").rougeL.f1).toBe(1 / 2);
  });
  test("a word counts at most as often as in the reference", () => {
    expect(rouge("the the the the", "the cat the").rouge1).toEqual({
      precision: 1 / 2,
      recall: 2 / 3,
      f1: expect.closeTo(4 / 7, 12),
    });
  });
  test("of several references, the highest F of each kind", () => {
    const { rouge1, rouge2 } = rouge("a b c d", ["d c b a", "a b x y"]);
    expect(rouge1.f1).toBe(1);
    expect(rouge2.f1).toBeCloseTo(1 / 3, 12);
  });
  test("mean over texts", () => {
    expect(meanRouge(["a", "b"], ["a", "c"]).rougeL).toEqual({ precision: 0.5, recall: 0.5, f1: 0.5 });
    expect(rouge("", "a").rougeL.f1).toBe(0);
    expect(() => meanRouge(["a"], [])).toThrow("rouge: 1 texts and references for 0");
  });
  test("words are a to z and 0 to 9; those of more than three letters are stemmed", () => {
    expect(rougeTokens("Re: Café—No.5 isn't")).toEqual(["re", "caf", "no", "5", "isn", "t"]);
    expect(rougeTokens("Flies, dies and used ponies", { stem: true })).toEqual(["fli", "die", "and", "use", "poni"]);
  });
});

describe("porterStem", () => {
  // The examples that Porter's paper gives for each step, but for those that NLTK's dialect changes (below).
  test.each(
    Object.entries({
      caresses: "caress",
      ponies: "poni",
      caress: "caress",
      cats: "cat",
      feed: "feed",
      agreed: "agre",
      plastered: "plaster",
      bled: "bled",
      motoring: "motor",
      sing: "sing",
      conflated: "conflat",
      troubled: "troubl",
      sized: "size",
      hopping: "hop",
      tanned: "tan",
      falling: "fall",
      hissing: "hiss",
      fizzed: "fizz",
      failing: "fail",
      filing: "file",
      happy: "happi",
      relational: "relat",
      conditional: "condit",
      rational: "ration",
      valenci: "valenc",
      digitizer: "digit",
      radicalli: "radic",
      vileli: "vile",
      analogousli: "analog",
      vietnamization: "vietnam",
      operator: "oper",
      feudalism: "feudal",
      decisiveness: "decis",
      hopefulness: "hope",
      callousness: "callous",
      formaliti: "formal",
      sensitiviti: "sensit",
      sensibiliti: "sensibl",
      triplicate: "triplic",
      formative: "form",
      formalize: "formal",
      electrical: "electr",
      goodness: "good",
      revival: "reviv",
      allowance: "allow",
      airliner: "airlin",
      gyroscopic: "gyroscop",
      adjustable: "adjust",
      irritant: "irrit",
      replacement: "replac",
      adjustment: "adjust",
      dependent: "depend",
      adoption: "adopt",
      communism: "commun",
      homologous: "homolog",
      effective: "effect",
      probate: "probat",
      rate: "rate",
      cease: "ceas",
      controll: "control",
      roll: "roll",
      generalizations: "gener",
      oscillators: "oscil",
    }),
  )("%s: %s", (word, stem) => {
    expect(porterStem(word)).toBe(stem);
  });
  test.each(
    Object.entries({
      dies: "die",
      died: "die",
      flies: "fli",
      fly: "fli",
      tried: "tri",
      try: "tri",
      enjoy: "enjoy",
      say: "say",
      skies: "sky",
      news: "news",
      innings: "inning",
      succeed: "succeed",
      carefully: "care",
      rationally: "ration",
      theology: "theolog",
      geology: "geolog",
      used: "use",
      by: "by",
    }),
  )("as NLTK departs from the paper: %s: %s", (word, stem) => {
    expect(porterStem(word)).toBe(stem);
  });
});
