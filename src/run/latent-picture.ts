/** A map of a model's latent space: codes of examples in the plane, in colour by label. */

import { type Dataset, principalPlane } from "./data/index.ts";
import { type DeviceParameters, type Model, toHostBatch } from "./model.ts";
import { drawPlots, type PointGroup } from "./pictures/index.ts";

const examplesShown = 2000;
const examplesAtOnce = 250;
/** Of large codes fewer examples are shown: where a code is as large as its image, encoding may take seconds each. */
const mostNumbers = 200_000;
/** More colours nobody tells apart. */
const mostClasses = 20;

/**
 * Codes of the first examples, by their two directions of largest variance where they have more than two dimensions.
 * @returns an SVG, or nothing where the model does not encode
 */
export async function latentPicture(
  model: Model,
  parameters: DeviceParameters,
  dataset: Dataset,
): Promise<string | undefined> {
  if (!model.encode || dataset.count < 3) return undefined;
  const most = Math.min(examplesShown, dataset.count);
  const size = Math.min(examplesAtOnce, most);
  let count = most;
  let labels = new Int32Array(0);
  let codes = new Float32Array(0);
  let dimensions = 0;
  for (let start = 0; start < count; start += size) {
    const indices = Array.from({ length: size }, (_, i) => Math.min(start + i, count - 1));
    const batch = await dataset.gather(indices);
    const { data, shape } = await model.encode(parameters, toHostBatch(model.family, batch, size));
    dimensions = shape[1];
    if (start === 0) {
      count = Math.min(most, Math.max(size, Math.floor(mostNumbers / dimensions)));
      codes = new Float32Array(count * dimensions);
      labels = new Int32Array(count);
    }
    const kept = Math.min(size, count - start);
    codes.set((data as Float32Array).subarray(0, kept * dimensions), start * dimensions);
    if (batch.label) labels.set((batch.label as Int32Array).subarray(0, kept), start);
  }
  if (dimensions < 2) return undefined;
  const { points, share } = principalPlane(codes, count, dimensions);
  const title = dimensions === 2 ? "codes" : `${(100 * share).toFixed(0)}% of their variance lies in this plane`;
  const what = `${count} test examples in ${dimensions} latent dimensions`;
  return drawPlots({ title: what, panels: [{ kind: "points", title, groups: groupsOf(points, labels, dataset) }] });
}

function groupsOf(points: Float32Array, labels: Int32Array, { classes, fields }: Dataset): readonly PointGroup[] {
  if (!fields.label || !classes || classes.length > mostClasses) return [{ name: "examples", points }];
  return classes.map((name, label) => {
    const own = Array.from(labels.keys()).filter((i) => labels[i] === label);
    return { name, points: Float32Array.from(own.flatMap((i) => [points[2 * i], points[2 * i + 1]])) };
  });
}
