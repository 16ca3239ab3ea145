/** Data sets made of IDX files: one file of images or a folder of them, labels beside. */

import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { formatShape, GalateaError } from "../../core/base/index.ts";
import { fileError } from "../files.ts";
import { type DataSplits, type Dataset, memoryDataset } from "./dataset.ts";
import { readIdx } from "./idx.ts";
import { splitInThree, splitInTwo } from "./splits.ts";

/** Names of image files, e.g. `train-images-idx3-ubyte.gz`; some copies write `train-images.idx3-ubyte`. */
const imagesPattern = /^(?:(.+)[-_.])?images[-.]idx\d-ubyte(?:\.gz)?$/;
const labelsPattern = /^(?:(.+)[-_.])?labels[-.]idx\d-ubyte(?:\.gz)?$/;
const testPattern = /(^|[-_.])(t10k|test)$/;

/** Labels above this are taken for damage: each gets a class of its own. */
const mostClasses = 65_536;

/** The image files of a folder; of a file that is there plain and in gzip, the plain one. */
export async function idxImageFiles(folder: string): Promise<readonly string[]> {
  return withoutPackedTwins((await namesIn(folder)).filter((name) => imagesPattern.test(name)));
}

/**
 * The splits of a folder of IDX files: a file `train-images-...` with `t10k-images-...` or `test-images-...`
 * beside it, or a single one.
 *
 * @throws GalateaError `data` when files are missing, damaged, do not fit together or are ambiguous.
 */
export async function loadIdxFolder(folder: string, name = basename(resolve(folder))): Promise<DataSplits> {
  const files = await idxImageFiles(folder);
  const isTest = (file: string): boolean => testPattern.test(imagesPattern.exec(file)?.[1] ?? "");
  const trainFiles = files.filter((file) => !isTest(file));
  const testFiles = files.filter(isTest);
  if (trainFiles.length === 0 && testFiles.length !== 1) {
    throw new GalateaError("data", folder, "holds no file train-images-idx3-ubyte", "with or without .gz");
  }
  if (trainFiles.length > 1 || testFiles.length > 1) {
    const right = "name one of the files instead of the folder";
    throw new GalateaError("data", folder, `holds several data sets (${files.join(", ")})`, right);
  }
  if (trainFiles.length === 0 || testFiles.length === 0) return loadIdxFile(join(folder, files[0]), name);

  const train = await readImages(join(folder, trainFiles[0]));
  const test = await readImages(join(folder, testFiles[0]));
  if (String(train.shape) !== String(test.shape)) {
    const right = `those of ${trainFiles[0]} are ${formatShape(train.shape)}`;
    throw new GalateaError("data", join(folder, testFiles[0]), `images of ${formatShape(test.shape)}`, right);
  }
  if ((train.labels === undefined) !== (test.labels === undefined)) {
    const [labelled, bare] = train.labels === undefined ? [testFiles, trainFiles] : [trainFiles, testFiles];
    throw new GalateaError("data", join(folder, bare[0]), "has no labels", `${labelled[0]} has`);
  }
  const classes = classesOf([train, test]);
  const parts = splitInTwo(datasetOf(name, train, classes), datasetOf(`${name} test`, test, classes));
  return { name, description: describe(train, classes), ...parts };
}

/**
 * The splits of one file of images, with the labels beside it where there are any.
 *
 * @throws GalateaError `data` when a file is missing or damaged, or holds no images.
 */
export async function loadIdxFile(path: string, name = basename(path).replace(/\.gz$/, "")): Promise<DataSplits> {
  if (labelsPattern.test(basename(path))) {
    throw new GalateaError("data", path, "holds labels", "name the file of images; labels beside it are found");
  }
  const images = await readImages(path);
  const classes = classesOf([images]);
  return { name, description: describe(images, classes), ...splitInThree(datasetOf(name, images, classes)) };
}

interface LabelledImages {
  readonly count: number;
  /** [channels, height, width] */
  readonly shape: readonly number[];
  readonly data: Uint8Array;
  readonly labels?: Int32Array;
}

async function readImages(path: string): Promise<LabelledImages> {
  const { shape, data } = await readIdx(path);
  if (!(data instanceof Uint8Array) || (shape.length !== 3 && shape.length !== 4)) {
    const right = "images are bytes of [count, height, width] or [count, channels, height, width]";
    throw new GalateaError("data", path, `no images but ${formatShape(shape)}`, right);
  }
  const [count] = shape;
  const imageShape = shape.length === 3 ? [1, shape[1], shape[2]] : shape.slice(1);
  if (data.length === 0)
    throw new GalateaError("data", path, "holds no images", `its header says ${formatShape(shape)}`);
  const labelsPath = await labelsBeside(path);
  if (labelsPath === undefined) return { count, shape: imageShape, data };
  return { count, shape: imageShape, data, labels: await readLabels(labelsPath, count, basename(path)) };
}

async function readLabels(path: string, count: number, imagesName: string): Promise<Int32Array> {
  const { shape, dtype, data } = await readIdx(path);
  if (shape.length !== 1 || dtype === "float32") {
    throw new GalateaError("data", path, `no labels but ${dtype} ${formatShape(shape)}`, "labels are integers [count]");
  }
  if (data.length !== count) {
    throw new GalateaError("data", path, `${data.length} labels for ${count} images`, `one for each in ${imagesName}`);
  }
  const labels = Int32Array.from(data as Uint8Array | Int32Array);
  const wrong = labels.find((label) => label < 0 || label >= mostClasses);
  if (wrong !== undefined) {
    throw new GalateaError("data", path, `label ${wrong}`, `labels are from 0 to ${mostClasses - 1}`);
  }
  return labels;
}

async function labelsBeside(path: string): Promise<string | undefined> {
  const match = imagesPattern.exec(basename(path));
  if (match === null) return undefined;
  const beside = withoutPackedTwins(await namesIn(dirname(path)));
  const found = beside.find((name) => {
    const labels = labelsPattern.exec(name);
    return labels !== null && labels[1] === match[1];
  });
  return found === undefined ? undefined : join(dirname(path), found);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (cause) {
    throw fileError("data", folder, "read", cause);
  }
}

function withoutPackedTwins(names: readonly string[]): readonly string[] {
  return names.filter((name) => !name.endsWith(".gz") || !names.includes(name.slice(0, -".gz".length)));
}

/** Labels as text, or `undefined` when there are none. */
function classesOf(parts: readonly LabelledImages[]): readonly string[] | undefined {
  let most = -1;
  for (const { labels } of parts) for (const label of labels ?? []) most = Math.max(most, label);
  return most < 0 ? undefined : Array.from({ length: most + 1 }, (_, label) => String(label));
}

function datasetOf(name: string, images: LabelledImages, classes: readonly string[] | undefined): Dataset {
  const image = { dtype: "uint8", shape: images.shape, data: images.data } as const;
  if (images.labels === undefined) return memoryDataset(name, images.count, { image });
  return memoryDataset(
    name,
    images.count,
    { image, label: { dtype: "int32", shape: [], data: images.labels } },
    classes,
  );
}

function describe({ shape: [channels, height, width] }: LabelledImages, classes?: readonly string[]): string {
  const labels = classes === undefined ? "no labels" : `${classes.length} classes`;
  return `${channels === 1 ? "grey" : "colour"} images of ${height} x ${width}, ${labels}`;
}
