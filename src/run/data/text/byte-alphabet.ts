/** How byte-level tokenizers spell bytes in `tokenizer.json`: each byte is a printable character, that of its own code
 * where there is one, else one from U+0100 on.
 *
 * Source: Radford et al., GPT-2 (2019). */

const isPrintable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;

/** The character of each byte. */
export const byteCharacters: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
})();

/** All 256 characters in the order of their codes, which is that of their ids. */
export const byteAlphabet: readonly string[] = [...byteCharacters].sort();

const byteOf: ReadonlyMap<string, number> = new Map(byteCharacters.map((character, byte) => [character, byte]));

/** The place of each byte's character in the alphabet. */
export const rankOfByte: Uint8Array = Uint8Array.from(byteCharacters, (character) => byteAlphabet.indexOf(character));

/** The bytes that a token spells; undefined when it holds a character that stands for none. */
export function bytesOfToken(token: string): Uint8Array | undefined {
  const bytes = Array.from(token, (character) => byteOf.get(character));
  return bytes.includes(undefined) ? undefined : Uint8Array.from(bytes as number[]);
}
