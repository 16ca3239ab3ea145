/** Parts of a data set by a suffix of its name or path: `digits#perClass=50`, `./parts#only=good`. */

import { GalateaError } from "../../core/base/index.ts";
import { type DataSplits, type Dataset, subset } from "./dataset.ts";

const kinds = ["first", "perClass", "only", "without"] as const;

/** Which examples are kept for training. */
export interface Narrowing {
  readonly kind: (typeof kinds)[number];
  /** A count, or labels with commas between. */
  readonly value: string;
}

/** At the end, and without a slash: a folder may be called anything. */
const suffix = /#(first|perClass|only|without)=([^#/\\]*)$/;

/** Labels that are read at once. */
const labelsAtOnce = 4096;

/** A name or path without its suffixes, and what they ask for, in their order. Any other `#` belongs to the path. */
export function splitSource(source: string): { readonly base: string; readonly narrowings: readonly Narrowing[] } {
  const narrowings: Narrowing[] = [];
  let base = source;
  for (let found = suffix.exec(base); found !== null; found = suffix.exec(base)) {
    narrowings.unshift({ kind: found[1] as Narrowing["kind"], value: found[2] });
    base = base.slice(0, found.index);
  }
  return { base, narrowings };
}

/**
 * The splits with fewer examples to train and validate on; the test split stays whole.
 *
 * `first=N` keeps the first N, `perClass=N` the first N of each label, `only=a,b` those of some labels, `without=a,b`
 * those of all others. Labels keep their numbers.
 * @throws GalateaError `data` when the data has no labels, not this one, or nothing would be left; `usage` for a count
 *   that is none.
 */
export async function narrowSplits(splits: DataSplits, narrowing: Narrowing): Promise<DataSplits> {
  const text = `#${narrowing.kind}=${narrowing.value}`;
  const narrow = async (dataset: Dataset): Promise<Dataset> => {
    const kept = await keptIndices(dataset, narrowing, splits.name);
    if (kept.length > 0) return subset(dataset, kept, `${dataset.name}${text}`);
    throw new GalateaError("data", `${splits.name}${text}`, `leaves nothing of ${dataset.name}`, "keep an example");
  };
  return {
    ...splits,
    name: `${splits.name}${text}`,
    description: `${splits.description}; to train and validate on: ${describe(narrowing)}`,
    train: await narrow(splits.train),
    validation: await narrow(splits.validation),
  };
}

function describe({ kind, value }: Narrowing): string {
  switch (kind) {
    case "first":
      return `the first ${value}`;
    case "perClass":
      return `the first ${value} of each class`;
    case "only":
      return `only ${value}`;
    case "without":
      return `all but ${value}`;
  }
}

function keptIndices(dataset: Dataset, { kind, value }: Narrowing, name: string): Promise<readonly number[]> {
  if (kind === "first") {
    const count = Math.min(countOf(kind, value), dataset.count);
    return Promise.resolve(Array.from({ length: count }, (_, i) => i));
  }
  if (kind === "perClass") return firstOfEachClass(dataset, countOf(kind, value), name);
  const named = labelNumbers(dataset, value.split(","), `${name}#${kind}=${value}`);
  return examplesWhere(dataset, (label) => named.has(label) === (kind === "only"));
}

function countOf(kind: string, value: string): number {
  const count = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (count >= 1) return count;
  throw new GalateaError("usage", `#${kind}`, `got ${JSON.stringify(value)}`, "it must be a whole number from 1");
}

/**
 * The first `count` examples of each label, in their order; all of a label that has fewer.
 * @throws GalateaError `data` when the data has no labels.
 */
export async function firstOfEachClass(
  dataset: Dataset,
  count: number,
  name = dataset.name,
): Promise<readonly number[]> {
  requireLabels(dataset, name);
  const missing = (dataset.classes ?? []).map(() => count);
  let open = missing.length;
  return examplesWhere(
    dataset,
    (label) => {
      if (!(missing[label] > 0)) return false;
      if (--missing[label] === 0) open--;
      return true;
    },
    () => open === 0,
  );
}

function requireLabels({ fields, classes }: Dataset, name: string): readonly string[] {
  if (fields.label && classes) return classes;
  const right = "put its images into a sub-folder for each label";
  throw new GalateaError("data", name, "its examples have no labels", right);
}

function labelNumbers(dataset: Dataset, labels: readonly string[], name: string): ReadonlySet<number> {
  const classes = requireLabels(dataset, name);
  const unknown = labels.find((label) => !classes.includes(label));
  if (unknown === undefined) return new Set(labels.map((label) => classes.indexOf(label)));
  throw new GalateaError("data", name, `there is no label ${JSON.stringify(unknown)}`, `labels: ${classes.join(", ")}`);
}

async function examplesWhere(
  dataset: Dataset,
  isKept: (label: number) => boolean,
  isDone: () => boolean = () => false,
): Promise<readonly number[]> {
  const kept: number[] = [];
  for (let start = 0; start < dataset.count && !isDone(); start += labelsAtOnce) {
    const indices = Array.from({ length: Math.min(labelsAtOnce, dataset.count - start) }, (_, i) => start + i);
    const { label } = await dataset.gather(indices);
    for (const [i, index] of indices.entries()) if (isKept(Number(label[i]))) kept.push(index);
  }
  return kept;
}
