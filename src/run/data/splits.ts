/** How a data set is divided into train, validation and test. */

import { type Key, permutation } from "../../core/base/index.ts";
import { type DataSplits, type Dataset, subset } from "./dataset.ts";

type Parts = Pick<DataSplits, "train" | "validation" | "test" | "notes">;

/**
 * Train, validation and test of one list: the last tenth is test, the tenth before it validation (each
 * at least one example); after a shuffle where `key` is given. With fewer than 3 examples nothing can be
 * held out: all three are the whole, and a note says so.
 */
export function splitInThree(all: Dataset, key?: Key): Parts {
  const order = key === undefined ? range(0, all.count) : permutation(key, all.count);
  if (all.count < 3) {
    const whole = subset(all, order);
    const note = `${all.count} example(s) are too few to hold any out: validation and test are the training data`;
    return { train: whole, validation: whole, test: whole, notes: [note] };
  }
  const tenth = Math.max(1, Math.floor(all.count / 10));
  return {
    train: subset(all, order.subarray(0, all.count - 2 * tenth), `${all.name} train`),
    validation: subset(all, order.subarray(all.count - 2 * tenth, all.count - tenth), `${all.name} validation`),
    test: subset(all, order.subarray(all.count - tenth), `${all.name} test`),
    notes: [],
  };
}

/**
 * Train and validation of a list that has a test set of its own: of 60,000 the last 10,000 are validation,
 * as is usual for MNIST and its relatives; else the last tenth.
 */
export function splitInTwo(all: Dataset, test: Dataset): Parts {
  if (all.count < 2) {
    const note = `${all.count} example(s) are too few to hold any out: validation is the training data`;
    return { train: all, validation: all, test, notes: [note] };
  }
  const held = all.count === 60_000 ? 10_000 : Math.max(1, Math.floor(all.count / 10));
  return {
    train: subset(all, range(0, all.count - held), `${all.name} train`),
    validation: subset(all, range(all.count - held, all.count), `${all.name} validation`),
    test,
    notes: [],
  };
}

function range(start: number, end: number): Uint32Array {
  return Uint32Array.from({ length: end - start }, (_, index) => start + index);
}
