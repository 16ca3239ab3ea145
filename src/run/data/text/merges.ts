/** Which pairs of symbols byte-pair encoding joins. Written by hand: training is what Galatea is for, and the
 * libraries of JavaScript apply merges but learn none.
 *
 * All words lie behind one another in one array, as linked lists. A pair knows the places where it may be; a merge goes to
 * these places only, and changes the counts of the neighbours there. So the time grows with the number of joins that are
 * made, not with merges times text, and one endless word costs no more than many short ones. */

/** A word, as symbols, and how often it occurs. */
export type CountedWord = readonly [symbols: Uint8Array, count: number];

export interface MergeOptions {
  /** Symbols before the first merge: those of words are 0 to this - 1. */
  readonly alphabetSize: number;
  /** Most merges to learn. */
  readonly count: number;
  /** Least number of times that a pair must occur to be joined. */
  readonly minimumFrequency: number;
}

interface Pair {
  count: number;
  /** Where its first symbol is, ascending; some may be gone by now. */
  readonly places: number[];
}

/** Above any number of symbols, and small enough that a pair's key is exact. */
const keyBase = 2 ** 24;

/**
 * Learns merges: the pair that occurs most often is joined, again and again; of pairs that occur as often, the one with
 * the lower first symbol, then with the lower second. The i-th merge makes symbol `alphabetSize` + i.
 *
 * Source: Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword units" (2016).
 */
export function learnMerges(
  words: readonly CountedWord[],
  options: MergeOptions,
): readonly (readonly [number, number])[] {
  const text = layOut(words);
  const pairs = countPairs(text);
  const queue = createQueue();
  for (const [key, { count }] of pairs) queue.push(count, key);
  const merges: [number, number][] = [];
  while (merges.length < options.count) {
    const top = queue.pop();
    if (top === undefined) break;
    const pair = pairs.get(top.key);
    if (pair === undefined) continue;
    if (pair.count !== top.count) {
      // It was counted down since; its true count may still be the highest.
      if (pair.count > 0) queue.push(pair.count, top.key);
      continue;
    }
    if (pair.count < options.minimumFrequency) break;
    const merge: [number, number] = [Math.floor(top.key / keyBase), top.key % keyBase];
    pairs.delete(top.key);
    const joined = options.alphabetSize + merges.length;
    for (const key of join(text, pairs, pair.places, merge, joined)) queue.push(pairs.get(key)?.count ?? 0, key);
    merges.push(merge);
  }
  return merges;
}

/** Words as linked lists; -1 is no place. */
interface Layout {
  readonly symbols: Int32Array;
  readonly next: Int32Array;
  readonly previous: Int32Array;
  /** How often the word at each place occurs. */
  readonly weights: Float64Array;
}

function layOut(words: readonly CountedWord[]): Layout {
  const length = words.reduce((sum, [symbols]) => sum + symbols.length, 0);
  const symbols = new Int32Array(length);
  const next = new Int32Array(length).fill(-1);
  const previous = new Int32Array(length).fill(-1);
  const weights = new Float64Array(length);
  let at = 0;
  for (const [word, count] of words) {
    for (let i = 0; i < word.length; i++, at++) {
      symbols[at] = word[i];
      weights[at] = count;
      if (i > 0) previous[at] = at - 1;
      if (i + 1 < word.length) next[at] = at + 1;
    }
  }
  return { symbols, next, previous, weights };
}

function countPairs({ symbols, next, weights }: Layout): Map<number, Pair> {
  const pairs = new Map<number, Pair>();
  for (let at = 0; at < symbols.length; at++) {
    if (next[at] >= 0) add(pairs, symbols[at] * keyBase + symbols[next[at]], at, weights[at]);
  }
  return pairs;
}

function add(pairs: Map<number, Pair>, key: number, place: number, weight: number): void {
  const pair = pairs.get(key);
  if (pair === undefined) pairs.set(key, { count: weight, places: [place] });
  else {
    pair.count += weight;
    pair.places.push(place);
  }
}

/** Joins a pair wherever it is, from left to right; gives the keys of the pairs that came to be. */
function join(
  { symbols, next, previous, weights }: Layout,
  pairs: Map<number, Pair>,
  places: readonly number[],
  [left, right]: readonly [number, number],
  joined: number,
): ReadonlySet<number> {
  const made = new Set<number>();
  const remove = (key: number, weight: number): void => {
    const pair = pairs.get(key);
    if (pair !== undefined) pair.count -= weight;
  };
  const insert = (key: number, place: number, weight: number): void => {
    add(pairs, key, place, weight);
    made.add(key);
  };
  for (const at of places) {
    const second = next[at];
    if (symbols[at] !== left || second < 0 || symbols[second] !== right) continue;
    const [before, after, weight] = [previous[at], next[second], weights[at]];
    symbols[at] = joined;
    symbols[second] = -1;
    next[at] = after;
    next[second] = -1;
    if (before >= 0) {
      remove(symbols[before] * keyBase + left, weight);
      insert(symbols[before] * keyBase + joined, before, weight);
    }
    if (after >= 0) {
      previous[after] = at;
      remove(right * keyBase + symbols[after], weight);
      insert(joined * keyBase + symbols[after], at, weight);
    }
  }
  return made;
}

interface Entry {
  readonly count: number;
  readonly key: number;
}

interface Queue {
  push(count: number, key: number): void;
  /** The entry of the highest count, of the lowest key among those. */
  pop(): Entry | undefined;
}

/** A binary heap. */
function createQueue(): Queue {
  const entries: Entry[] = [];
  const isBefore = (a: Entry, b: Entry): boolean => a.count > b.count || (a.count === b.count && a.key < b.key);
  return {
    push(count, key) {
      const entry = { count, key };
      let at = entries.length;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isBefore(entry, entries[parent])) break;
        entries[at] = entries[parent];
        at = parent;
      }
      entries[at] = entry;
    },
    pop() {
      const top = entries[0];
      const last = entries.pop();
      if (last === undefined || entries.length === 0) return top;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= entries.length) break;
        if (child + 1 < entries.length && isBefore(entries[child + 1], entries[child])) child++;
        if (!isBefore(entries[child], last)) break;
        entries[at] = entries[child];
        at = child;
      }
      entries[at] = last;
      return top;
    },
  };
}
