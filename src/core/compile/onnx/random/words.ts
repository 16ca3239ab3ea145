/** What random numbers are made of in a program: the words of a key's sequence (core/base/key.ts). */

import type { NodeOptions, OnnxBuilder } from "../builder.ts";

/** A name for nodes that all belong to one layer. */
export type Emit = (opType: string, inputs: readonly string[], attributes?: NodeOptions["attributes"]) => string;

export function emitInto(onnx: OnnxBuilder, path: string): Emit {
  return (opType, inputs, attributes = {}) => onnx.node(opType, inputs, { path, attributes });
}

/** The two 32-bit numbers of each of some words, uint32 [count]. */
export interface WordPair {
  readonly upper: string;
  readonly lower: string;
}

/** Whole numbers of few bits as float32, each `unit` times as large as it counts. */
export interface Field {
  readonly name: string;
  readonly unit: number;
}

/** One way to compute with 64-bit words; the ways differ in the operators that they need. */
export interface WordSource {
  /** Words `first` to `first + count - 1` of the key. */
  words(first: number, count: number): WordPair;
  /** The upper `bits` (at most 24) of 32-bit numbers. */
  upperBits(numbers: string, bits: number): Field;
  /** The lower 16 bits of 32-bit numbers. */
  lowerHalf(numbers: string): Field;
}

/** 64 bits of the golden ratio. */
export const golden = 0x9e3779b97f4a7c15n;

/** Shifts and factors of the mixes of core/base/key.ts. */
export const wordMix = { shifts: [30, 27], factors: [0xbf58476d1ce4e5b9n, 0x94d049bb133111ebn] } as const;
export const keyMix = { shifts: [33, 33], factors: [0xff51afd7ed558ccdn, 0xc4ceb9fe1a85ec53n] } as const;

/** Words are laid out as rows of this many, so that no constant grows with the tensor. */
const columns = 1024;

/** `count` places of a sequence as a grid: its distances along rows and columns, modulo 2^64. */
export interface Grid {
  readonly rows: BigUint64Array;
  readonly columns: BigUint64Array;
}

/** The distances (w + 1) golden of words w = first, ..., as sums of one of a row and one of a column. */
export function gridOf(first: number, count: number): Grid {
  const width = Math.min(count, columns);
  const distances = (length: number, from: number, step: number): BigUint64Array =>
    BigUint64Array.from({ length }, (_, i) => BigInt.asUintN(64, BigInt(from + i * step) * golden));
  return { rows: distances(Math.ceil(count / width), first, width), columns: distances(width, 1, 1) };
}
