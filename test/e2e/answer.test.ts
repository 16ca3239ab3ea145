/** Questions about stories and texts, from files to answers: the real command line. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { events, galatea, pairs, temporaryFolder } from "./galatea.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const [tasks, stories, squad, spans] = ["tasks", "stories", "squad", "spans"].map(at);
const small = pairs({
  batchSize: 32,
  dropout: 0,
  averageDecay: 0,
  evaluateEvery: 0,
  sampleEvery: 0,
  checkpointEvery: 0,
});
const tiny = [...small, ...pairs({ width: 16, depth: 1, heads: 2, hidden: 32, learningRate: 0.01, warmupSteps: 5 })];
const oneThread = ["--threads", "1"];
const people = ["Ann", "Bob", "Cyd", "Dan"];
const rooms = ["hall", "garden", "kitchen", "attic"];

/** A task of bAbI: two people each go somewhere, and one of them is asked for. */
function task(count: number, first: number): string {
  return Array.from({ length: count }, (_, place) => {
    const i = first + place * 7;
    const [one, other] = [people[i % 4], people[(i + 1 + (Math.floor(i / 4) % 3)) % 4]];
    const [here, there] = [rooms[Math.floor(i / 12) % 4], rooms[Math.floor(i / 48) % 4]];
    const asked = Math.floor(i / 192) % 2;
    const answer = asked === 0 ? here : there;
    return `1 ${one} went to the ${here}.\n2 ${other} ran to the ${there}.\n3 Where is ${[one, other][asked]}? \t${answer}\t${asked + 1}\n`;
  }).join("");
}

/** Texts of which the words after `colour` or after `size` are asked for. */
function passages(count: number, article: number): unknown {
  const colours = ["red", "deep green", "blue", "light grey"];
  const sizes = ["small", "very big", "round"];
  const qas = Array.from({ length: count }, (_, i) => {
    const [colour, size] = [colours[i % 4], sizes[(i + article) % 3]];
    const context = `${i % 2 ? "Look:" : "See!"} The colour is ${colour}. The size is ${size}.`;
    const [question, text] = i % 3 === 0 ? ["Which colour?", colour] : ["Which size?", size];
    return {
      context,
      qas: [{ id: `${article}-${i}`, question, answers: [{ text, answer_start: context.indexOf(text) }] }],
    };
  });
  return { title: `${article}`, paragraphs: qas };
}

beforeAll(async () => {
  mkdirSync(tasks);
  writeFileSync(join(tasks, "qa1_where_train.txt"), task(400, 0));
  writeFileSync(join(tasks, "qa1_where_test.txt"), task(40, 3));
  mkdirSync(squad);
  const data = Array.from({ length: 12 }, (_, article) => passages(24, article));
  writeFileSync(join(squad, "dev.json"), JSON.stringify({ data }));
  const trained = await Promise.all([
    galatea([
      ...["train", "answer/transformer", "--data", tasks, "--out", stories, "--steps", "800", "--json"],
      ...oneThread,
      ...tiny,
      ...pairs({ sentences: 3, words: 6, width: 32, depth: 2, learningRate: 0.005 }),
    ]),
    galatea([
      ...["train", "answer/span", "--data", squad, "--out", spans, "--steps", "250", "--json"],
      ...oneThread,
      ...tiny,
      ...pairs({ contextWords: 14, questionWords: 4, minimumFrequency: 1 }),
    ]),
  ]);
  expect(trained.map(({ code, stderr }) => [code, code === 0 ? "" : stderr])).toEqual([
    [0, ""],
    [0, ""],
  ]);
}, 240_000);

const metricsOf = async (run: string): Promise<Record<string, number>> => {
  const { stdout } = await galatea(["evaluate", run, "--json", ...oneThread]);
  return events(stdout).at(-1)?.metrics as Record<string, number>;
};

describe("answers about stories", () => {
  const ask = (...conditions: string[]): string[] => [
    ...["sample", stories, "-n", "1", ...oneThread],
    ...conditions.flatMap((condition) => ["--condition", condition]),
  ];
  test("are learned, and judged letter by letter", async () => {
    // By chance a quarter.
    expect((await metricsOf(stories)).exactMatch).toBeGreaterThan(80);
  });
  test("are given to a story and a question that a person tells", async () => {
    const told = await galatea(ask("story=Ann went to the hall. Dan ran to the attic.", "question=Where is Dan?"));
    expect([told.code, told.stdout]).toEqual([0, "attic\n"]);
  });
  test("need both, and sizes that the model reads", async () => {
    const refused = async (conditions: string[], message: string): Promise<void> => {
      const { code, stderr } = await galatea(ask(...conditions));
      expect(stderr).toContain(message);
      expect(code).toBe(2);
    };
    await refused([], 'say --condition "story=what happened');
    await refused(["story=Dan ran."], 'say --condition "question=a question');
    await refused(["story=", "question=Who?"], "got an empty text");
    await refused(["story=A. B. C. D.", "question=Who?"], "got 4 sentences; the model reads 3 at most");
    await refused(["story=A.", "question=Who of all of them was it?"], "got 8 words; the model reads 6 at most");
    await refused(["text=Who?"], "has no text");
  });
});

describe("answers in the words of a text", () => {
  test("are learned; several articles are held out", async () => {
    const { exactMatch, answerF1 } = await metricsOf(spans);
    expect(exactMatch).toBeGreaterThan(80);
    expect(answerF1).toBeGreaterThanOrEqual(exactMatch);
  });
  test("are pieces of the text as it stands there, unknown words included", async () => {
    const text = "Look:  The COLOUR is  Deep  Green. The size is HUGE.";
    const ask = (question: string): string[] => [
      ...["sample", spans, "-n", "1", ...oneThread, "--condition", `context=${text}`],
      ...["--condition", `question=${question}`],
    ];
    const [colour, size] = [await galatea(ask("Which colour?")), await galatea(ask("Which size?"))];
    expect(colour.stdout).toBe("Deep  Green\n");
    expect(text).toContain(size.stdout.trim());
  });
});

describe("what cannot be read is refused", () => {
  const refused = async (preset: string, data: string, message: string, ...words: string[]): Promise<void> => {
    const { code, stderr } = await galatea(["train", preset, "--data", data, "--out", at("none"), ...words]);
    expect(stderr).toContain(message);
    expect(code).toBe(1);
  };
  test("with the reason", async () => {
    const file = (name: string, content: string): string => {
      writeFileSync(at(name), content);
      return at(name);
    };
    const rows = "context,question,answer\nThe cat sleeps.,Who sleeps?,the dog\n";
    await refused("answer/span", file("a.csv", rows), 'the answer "the dog" of row 1 is not in its text');
    await refused("answer/transformer", file("b.csv", "story,question\nA.,B?\n"), 'there is no column "answer"');
    const long = ["--set", "sentences=1", "--set", "longer=refuse"];
    await refused("answer/transformer", tasks, "the story has 2 sentences; at most 1 are read", ...long);
    await refused("answer/transformer", "passages", "it is texts with questions");
    await refused("answer/span", "stories", "it is stories with questions");
  });
});
