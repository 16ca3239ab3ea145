/** Numbers in words, English and German: pairs of texts that nobody needs to ship, whose order differs (German says the ones
 * before the tens), so that one can see where a translator looks. By hand: the packages that spell numbers have one language
 * each, or grammars of hundreds. */

import { foldKey, hashName, keyFromSeed, randomUniform } from "../../../core/base/index.ts";
import type { TextPair } from "./aligned-files.ts";

const english = {
  ones: "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  ),
  tens: " ten twenty thirty forty fifty sixty seventy eighty ninety".split(" "),
};

const german = {
  ones: "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn".split(
    " ",
  ),
  tens: " zehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split(" "),
};

const largest = 999_999;

/** Such as `four hundred and twenty-one`, in words apart: `four hundred and twenty one`. */
export function englishNumber(n: number): string {
  if (n < 20) return english.ones[n];
  if (n < 100) return [english.tens[Math.floor(n / 10)], ...rest(n % 10, englishNumber)].join(" ");
  if (n < 1000) {
    const after = n % 100;
    return [`${englishNumber(Math.floor(n / 100))} hundred`, ...(after ? ["and", englishNumber(after)] : [])].join(" ");
  }
  const after = n % 1000;
  const joint = after > 0 && after < 100 ? ["and", englishNumber(after)] : rest(after, englishNumber);
  return [`${englishNumber(Math.floor(n / 1000))} thousand`, ...joint].join(" ");
}

/** Such as `vierhunderteinundzwanzig`, with its words apart: `vier hundert ein und zwanzig`. */
export function germanNumber(n: number): string {
  if (n < 20) return german.ones[n];
  if (n < 100) {
    const [ten, one] = [german.tens[Math.floor(n / 10)], n % 10];
    return one === 0 ? ten : `${germanFactor(one)} und ${ten}`;
  }
  const [step, name] = n < 1000 ? [100, "hundert"] : [1000, "tausend"];
  return [`${germanFactor(Math.floor(n / step))} ${name}`, ...rest(n % step, germanNumber)].join(" ");
}

/** Before another word one is `ein`. */
function germanFactor(n: number): string {
  const words = germanNumber(n);
  return words.endsWith("eins") ? words.slice(0, -1) : words;
}

function rest(n: number, name: (n: number) => string): string[] {
  return n === 0 ? [] : [name(n)];
}

/** Different numbers from 0 to 999,999, short and long ones alike often, in English and German. */
export function numberPairs(count: number): readonly TextPair[] {
  const key = foldKey(keyFromSeed(0), hashName("number-words"));
  const numbers = new Set<number>();
  for (let i = 0; numbers.size < count; i++) {
    // As many of 3 digits as of 6.
    const digits = 1 + Math.floor(6 * randomUniform(key, 2 * i));
    numbers.add(Math.min(largest, Math.floor(10 ** digits * randomUniform(key, 2 * i + 1))));
  }
  return [...numbers].map((n) => ({ source: englishNumber(n), target: germanNumber(n) }));
}
