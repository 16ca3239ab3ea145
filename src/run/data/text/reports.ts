/** Reports with their headlines, made by us: short notes of an office in which one sentence matters, about people, places
 * and firms whose names are put together anew, so that most of them are in no other report and have to be copied. Their
 * language is poor and their headlines follow rules; real ones (AESLC) are far harder. By hand: the packages that make up
 * texts make neither summaries nor names that are not lists. */

import { foldKey, hashName, type Key, keyFromSeed, randomUniform } from "../../../core/base/index.ts";
import type { TextPair } from "./aligned-files.ts";

const list = (words: string): readonly string[] => words.split(" ");

const syllables = list("ba bel dor fen gar hil jo kal lin mar nor ol pri rud sel tan ul ver wen zor");
const endings = {
  person: list("a en is o us"),
  place: list("burg dale ford ness ton vik"),
  firm: list("co ex ia line"),
};
const days = list("Monday Tuesday Wednesday Thursday Friday Saturday");
const goods = list("bricks cables chairs engines lamps pipes pumps screens seeds tiles");
const topics = list("budget contract garden insurance merger schedule server strike");
const machines = list("boiler crane elevator generator heater press printer scanner");

/** Draws for one report. */
interface Draw {
  of<T>(choices: readonly T[]): T;
  name(kind: keyof typeof endings): string;
}

function drawOf(key: Key): Draw {
  let count = 0;
  const of = <T>(choices: readonly T[]): T => choices[Math.floor(choices.length * randomUniform(key, count++))];
  const name = (kind: keyof typeof endings): string => {
    const [first, second] = [of(syllables), of(syllables)];
    return `${first[0].toUpperCase()}${first.slice(1)}${second}${of(endings[kind])}`;
  };
  return { of, name };
}

/** The sentence that matters, and what it comes to. */
const events: readonly ((draw: Draw) => readonly [sentence: string, headline: string])[] = [
  ({ of, name }) => {
    const [person, day] = [name("person"), of(days)];
    return [`The meeting with ${person} about the ${of(topics)} has moved to ${day}.`, `Meeting with ${person} moved to ${day}`]; // biome-ignore format: short
  },
  ({ of, name }) => {
    const [thing, firm] = [of(goods), name("firm")];
    return [`On ${of(days)} the ${thing} left ${name("place")} for ${firm}.`, `${thing} sent to ${firm}`];
  },
  ({ of, name }) => {
    const [machine, place] = [of(machines), name("place")];
    return [`In ${place} the ${machine} stopped, and ${name("person")} is looking for the cause.`, `${machine} broken in ${place}`]; // biome-ignore format: short
  },
  ({ of, name }) => {
    const [firm, topic] = [name("firm"), of(topics)];
    return [`${name("person")} has agreed with ${firm} on the ${topic}.`, `Agreement with ${firm} on ${topic}`];
  },
  ({ of, name }) => {
    const [person, place] = [name("person"), name("place")];
    return [`From ${of(days)} on ${person} works in the new office in ${place}.`, `${person} now in ${place}`];
  },
];

/** What reports also hold. */
const asides: readonly ((draw: Draw) => string)[] = [
  ({ name }) => `Please show this to ${name("person")} as well.`,
  ({ of }) => `I shall be away on ${of(days)}.`,
  ({ of, name }) => `The papers about the ${of(topics)} lie in ${name("place")}.`,
  ({ name }) => `${name("firm")} has not answered yet.`,
  ({ of, name }) => `${name("person")} asked about the ${of(goods)} again.`,
  () => "Thank you for your last note.",
  ({ of }) => `We still need a key for the ${of(machines)} room.`,
];

/** So many reports as sources, their headlines as targets. */
export function reportPairs(count: number): readonly TextPair[] {
  const key = foldKey(keyFromSeed(0), hashName("reports"));
  return Array.from({ length: count }, (_, i) => {
    const draw = drawOf(foldKey(key, i));
    const [sentence, headline] = draw.of(events)(draw);
    const sentences = Array.from({ length: draw.of([1, 2, 3, 4]) }, () => draw.of(asides)(draw));
    sentences.splice(draw.of(sentences.map((_, at) => at).concat(sentences.length)), 0, sentence);
    return { source: sentences.join(" "), target: headline };
  });
}
