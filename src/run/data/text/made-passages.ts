/** Short lives of people who never lived, with questions about them, made by us: names and places are put together anew, so
 * that answers have to be found by what stands around them. Real questions (SQuAD) are far harder; its texts are not for
 * shipping with a program, and no package has any of the kind. */

import { foldKey, hashName, keyFromSeed, randomUniform } from "../../../core/base/index.ts";
import type { SpanQuestion } from "./squad.ts";

const list = (words: string): readonly string[] => words.split(" ");
const syllables = list("an bel cor dag el fen gor hal im jun kal lor mer nis or pel rin sal tor um vel wen yr zan");
const trades = list("baker carpenter doctor farmer gardener lawyer miner painter sailor teacher");
const works = list("bridge clock garden library machine map opera poem school ship");

type Choose = <T>(choices: readonly T[]) => T;

/** Facts about a person: a sentence in which the answer stands, the question, the answer. */
const facts: readonly ((who: string, choose: Choose, name: () => string) => readonly [string, string, string])[] = [
  (who, choose, name) => {
    const [town, year] = [name(), `${1700 + Math.floor(300 * choose(shares))}`];
    return choose([true, false])
      ? [`${who} was born in ${town} in ${year}.`, `In which town was ${who} born?`, town]
      : [`${who} was born in ${town} in ${year}.`, `In which year was ${who} born?`, year];
  },
  (who, choose) => {
    const trade = choose(trades);
    return [`By trade ${who} was a ${trade}.`, `What was the trade of ${who}?`, trade];
  },
  (who, choose, name) => {
    const [work, town] = [choose(works), name()];
    return [`${who} made the old ${work} of ${town}.`, `What did ${who} make?`, `the old ${work} of ${town}`];
  },
  (who, _, name) => {
    const other = `${name()} ${name()}`;
    return [`${who} was married to ${other}.`, `Who was married to ${who}?`, other];
  },
];

const shares = Array.from({ length: 300 }, (_, i) => i / 300);

/** So many questions, each about a text of its own on two or three people. */
export function madePassages(count: number): readonly SpanQuestion[] {
  const key = foldKey(keyFromSeed(0), hashName("passages"));
  return Array.from({ length: count }, (_, i) => {
    let drawn = 0;
    const own = foldKey(key, i);
    const choose: Choose = (choices) => choices[Math.floor(choices.length * randomUniform(own, drawn++))];
    const name = (): string => {
      const word = `${choose(syllables)}${choose(syllables)}${choose(["", "", choose(syllables)])}`;
      return `${word[0].toUpperCase()}${word.slice(1)}`;
    };
    const told = Array.from({ length: choose([2, 3]) }, () => {
      const who = `${name()} ${name()}`;
      // Two or three different facts about each.
      const skipped = choose(facts);
      return facts.filter((fact) => fact !== skipped).map((fact) => fact(who, choose, name));
    }).flat();
    const order = told.map((fact) => ({ fact, at: choose(shares) })).sort((a, b) => a.at - b.at);
    const [, question, text] = choose(told);
    const context = order.map(({ fact }) => fact[0]).join(" ");
    const sentence = told.find((fact) => fact[1] === question)?.[0] ?? "";
    const start = context.indexOf(sentence) + sentence.indexOf(text);
    return { id: `${i}`, title: `${i}`, context, question, answers: [{ text, start }] };
  });
}
