/** Nearest neighbours among feature vectors: blocks of distances on a device, what they show on the host. */

import { GalateaError } from "../../core/base/index.ts";
import type { Tensor } from "../../core/trace/index.ts";
import { type Backend, type DeviceBuffer, type HostTensor, jit } from "../../engine/index.ts";
import { type Features, meanOf, requirePair, rowsOf, shifted } from "./features.ts";

/** The nearest points of each query, nearest first. */
export interface Neighbours {
  /** Neighbours of each. */
  readonly k: number;
  /** Euclidean, [N, k]. */
  readonly distances: Float64Array;
  /** Which points, [N, k]. */
  readonly indices: Int32Array;
}

export interface NeighbourOptions {
  readonly backend: Backend;
  /** How many neighbours. */
  readonly k: number;
  /** Whether queries are the points themselves, so that none is its own neighbour. */
  readonly same?: boolean;
}

/** Distances that a device holds at once: 64 MB. */
const distancesAtOnce = 16_000_000;

/** Squared distances of all pairs, [M, D] and [N, D] -> [M, N]. */
export function squaredDistances(a: Tensor, b: Tensor): Tensor {
  const products = a.matmul(b, { transposeB: true }).mul(-2);
  return products.add(a.square().sum(1, true)).add(b.square().sum(1)).maximum(0);
}

/** Queries in equal blocks, each as the device takes it; the last one is filled up with zeros. */
export function* blocksOf(
  { count, size, data }: Features,
  points: number,
): Generator<{ readonly block: HostTensor; readonly start: number; readonly end: number }> {
  const rows = Math.max(1, Math.min(count, Math.floor(distancesAtOnce / points)));
  for (let start = 0; start < count; start += rows) {
    const end = Math.min(count, start + rows);
    const part = new Float32Array(rows * size);
    part.set(data.subarray(start * size, end * size));
    yield { block: { dtype: "float32", shape: [rows, size], data: part }, start, end };
  }
}

/** Puts features into device memory. */
export async function upload(backend: Backend, { count, size, data }: Features): Promise<DeviceBuffer> {
  const buffer = await backend.allocate({ dtype: "float32", shape: [count, size] });
  await backend.write(buffer, data);
  return buffer;
}

/**
 * The k nearest points of each query, by Euclidean distance.
 *
 * The device finds them in float32; their distances are then computed again in float64, so that a copy is at 0.
 * @throws GalateaError `data` when there are not so many points, or the features do not belong together.
 */
export async function nearestNeighbours(
  queries: Features,
  points: Features,
  { backend, k, same = false }: NeighbourOptions,
): Promise<Neighbours> {
  requirePair("neighbours", queries, points, 1);
  const asked = same ? k + 1 : k;
  if (!(k >= 1) || asked > points.count) {
    const right = `at least ${asked} are needed for ${k} neighbours`;
    throw new GalateaError("data", "neighbours", `${points.count} points`, right);
  }
  const { count } = queries;
  // Less is lost to rounding near the origin.
  const origin = meanOf(points);
  const known = await upload(backend, shifted(points, origin));
  const search = jit(backend, "nearest neighbours", (given) => {
    const { block, points: all } = given as unknown as { readonly block: Tensor; readonly points: Tensor };
    return squaredDistances(block, all).topK(asked, 1, false).indices.cast("int32");
  });
  const [distances, indices] = [new Float64Array(count * k), new Int32Array(count * k)];
  try {
    for (const { block, start, end } of blocksOf(shifted(queries, origin), points.count)) {
      const found = (await search({ block, points: known } as never)) as unknown as HostTensor;
      for (let i = start; i < end; i++) {
        const row = Array.from(found.data.subarray((i - start) * asked, (i - start + 1) * asked), Number);
        const near = row
          .filter((point) => !same || point !== i)
          .slice(0, k)
          .map((point) => ({ point, distance: distanceOf(queries, i, points, point) }))
          .sort((a, b) => a.distance - b.distance);
        near.forEach(({ point, distance }, at) => {
          distances[i * k + at] = distance;
          indices[i * k + at] = point;
        });
      }
    }
  } finally {
    await search.dispose();
    await known.dispose();
  }
  return { k, distances, indices };
}

function distanceOf(a: Features, i: number, b: Features, j: number): number {
  const [x, y] = [rowsOf(a, i, i + 1).data, rowsOf(b, j, j + 1).data];
  let sum = 0;
  for (let d = 0; d < x.length; d++) sum += (x[d] - y[d]) ** 2;
  return Math.sqrt(sum);
}
