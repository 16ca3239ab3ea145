/** Stories with questions, made by us: people who walk about a house, take things and leave them. To answer one must know
 * who was where when, as in the first of bAbI's tasks, whose texts nobody may ship with a program; there is no package of
 * such stories. */

import { foldKey, hashName, type Key, keyFromSeed, randomUniform } from "../../../core/base/index.ts";
import type { ToldQuestion } from "./load-stories.ts";

const list = (words: string): readonly string[] => words.split(" ");

const people = list("Anna Bert Clara David");
const rooms = list("kitchen garden cellar attic hall bathroom");
const things = list("apple lamp letter ball");
const numbers = list("nothing one two three four");

/** What is the case at some time. */
interface World {
  readonly room: Map<string, string>;
  /** Where a person was before. */
  readonly before: Map<string, string>;
  readonly carrier: Map<string, string>;
  /** Where things lie that nobody carries. */
  readonly place: Map<string, string>;
}

type Chooser = <T>(choices: readonly T[]) => T;

function chooserOf(key: Key): Chooser {
  let count = 0;
  return (choices) => choices[Math.floor(choices.length * randomUniform(key, count++))];
}

/** One thing more happens; says what. */
function happen(world: World, choose: Chooser): string {
  const { room, before, carrier, place } = world;
  const person = choose(people);
  const here = room.get(person);
  const held = things.filter((thing) => carrier.get(thing) === person);
  const free = things.filter((thing) => !carrier.has(thing) && (place.get(thing) ?? here) === here);
  const act = choose(["walk", "walk", "take", "leave"]);
  if (act === "take" && here !== undefined && free.length > 0) {
    const thing = choose(free);
    carrier.set(thing, person);
    place.delete(thing);
    return `${person} ${choose(["took", "picked up"])} the ${thing}.`;
  }
  if (act === "leave" && here !== undefined && held.length > 0) {
    const thing = choose(held);
    carrier.delete(thing);
    place.set(thing, here);
    return `${person} ${choose(["left", "dropped"])} the ${thing}.`;
  }
  const next = choose(rooms.filter((one) => one !== here));
  if (here !== undefined) before.set(person, here);
  room.set(person, next);
  return `${person} ${choose(["went to", "walked to", "ran to"])} the ${next}.`;
}

/** Questions about a world; those that nothing is known about give none. */
const questions: readonly ((
  world: World,
  choose: Chooser,
) => readonly [question: string, answer: string] | undefined)[] = [
  ({ room }, choose) => {
    const person = choose([...room.keys()]);
    return [`Where is ${person}?`, room.get(person) ?? ""];
  },
  ({ room, carrier, place }, choose) => {
    const known = things.filter((thing) => carrier.has(thing) || place.has(thing));
    if (known.length === 0) return undefined;
    const thing = choose(known);
    return [`Where is the ${thing}?`, place.get(thing) ?? room.get(carrier.get(thing) ?? "") ?? ""];
  },
  ({ room }, choose) => {
    const person = choose([...room.keys()]);
    const asked = choose([room.get(person) ?? "", choose(rooms)]);
    return [`Is ${person} in the ${asked}?`, room.get(person) === asked ? "yes" : "no"];
  },
  ({ room, carrier }, choose) => {
    const person = choose([...room.keys()]);
    const held = things.filter((thing) => carrier.get(thing) === person).length;
    return [`How many things does ${person} carry?`, numbers[held]];
  },
  ({ before }, choose) => {
    if (before.size === 0) return undefined;
    const person = choose([...before.keys()]);
    return [`Where was ${person} before?`, before.get(person) ?? ""];
  },
];

/** So many questions, each about a story of its own of two to twelve sentences; kinds of questions are tasks from 1 on. */
export function madeStories(count: number): readonly ToldQuestion[] {
  const key = foldKey(keyFromSeed(0), hashName("stories"));
  return Array.from({ length: count }, (_, i) => {
    const choose = chooserOf(foldKey(key, i));
    const world: World = { room: new Map(), before: new Map(), carrier: new Map(), place: new Map() };
    const length = 2 + choose([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const story = Array.from({ length }, () => happen(world, choose));
    for (let kind = i % questions.length; ; kind = (kind + 1) % questions.length) {
      const found = questions[kind](world, choose);
      if (found) return { task: kind + 1, story, question: found[0], answer: found[1] };
    }
  });
}
