/** Sampling a PixelCNN as one compiled loop over cells, which computes nothing twice. */

import { concat, randomUniform, scan, type Tensor, zeros } from "../../../core/trace/index.ts";
import {
  featuresOf,
  type GridRequest,
  gate,
  labelBiases,
  type PixelCnnConfig,
  type PixelCnnParameters,
  reachOf,
} from "./pixel-cnn-parts.ts";

/**
 * A level for each row of logits [count, levels], by inverting the distribution function at a uniform number
 * [count]: int32 [count].
 */
export function drawLevel(logits: Tensor, uniform: Tensor): Tensor {
  const [count, levels] = logits.shape;
  const cumulative = logits.softmax().cumulativeSum(1);
  // Rounding may leave the sum of all below 1.
  const target = uniform.reshape([count, 1]).mul(cumulative.slice(1, levels - 1, 1));
  return cumulative
    .less(target)
    .cast("int32")
    .sum(1)
    .minimum(levels - 1);
}

/** Logits of what may not be chosen are lower by this. */
const forbidden = 1e9;

/** By layer, what is kept of earlier rows or columns. */
type Caches = readonly Tensor[];

/**
 * New grids of a PixelCNN: int32 [count, H, W].
 *
 * For each row: the vertical stack, over the whole row, from the rows that its kernels reach. Then for each cell of
 * the row: one column of the horizontal stack, from the columns that its kernels reach.
 */
export function sampleGrid(
  config: PixelCnnConfig,
  parameters: PixelCnnParameters,
  key: Tensor,
  { count, temperature = 1, label, allowed }: GridRequest,
): Tensor {
  const { height, width, levels, channels } = config;
  const inputsOf = (index: number): number => (index === 0 ? config.features + 1 : channels);
  const taps = Array.from({ length: config.layers }, (_, index) => reachOf(config, index).taps);
  // In the first layer all taps lie before the cell, in the others one lies on it.
  const kept = taps.map((number, index) => (index === 0 ? number : number - 1));
  const biases = labelBiases(config, parameters, label);
  const position = parameters.position.bias.transpose([1, 0, 2]).split(2, 1); // each [H, 2 channels, W]
  const horizontal = parameters.layers.map(({ horizontal: { weight } }) =>
    // [2 channels, inputs, 1, taps] -> [taps * inputs, 2 channels], the oldest column first
    weight
      .squeeze(2)
      .transpose([2, 1, 0])
      .reshape([-1, 2 * channels]),
  );
  const flat = (weight: Tensor): Tensor => weight.squeeze([2, 3]);

  /** What each layer's horizontal half adds to its own input, [W, count, 2 channels]; and the rows to keep. */
  const verticalStack = (caches: Caches, place: readonly Tensor[]) => {
    const rows: Tensor[] = [];
    const contributions: Tensor[] = [];
    let v = caches[0]; // [count, inputs, taps, W]
    parameters.layers.forEach(({ vertical, horizontal: { bias }, across }, index) => {
      const { reach } = reachOf(config, index);
      const seen = index === 0 ? v : concat([caches[index], v], 2);
      if (index > 0) rows.push(kept[index] === 0 ? caches[index] : seen.slice(2, 1, kept[index]));
      const withBias = (x: Tensor, part: number, own: Tensor): Tensor => {
        const placed = index === 0 ? x.add(place[part].unsqueeze(1)) : x;
        const biased = placed.add(own.reshape([2 * channels, 1, 1]));
        return biases ? biased.add(biases[index][part].reshape([count, 2 * channels, 1, 1])) : biased;
      };
      const a = withBias(seen.conv2d(vertical.weight, { padding: [0, reach, 0, reach] }), 0, vertical.bias);
      v = index > 0 ? v.add(gate(a)) : gate(a); // [count, channels, 1, W]
      const c = withBias(v.conv2d(across.weight), 1, bias);
      contributions.push(c.squeeze(2).transpose([2, 0, 1]));
    });
    return { rows, contributions };
  };

  /** Logits of a cell, and the columns to keep; the first layer's are made of the level that is chosen. */
  const column = (caches: Caches, contributions: readonly Tensor[]) => {
    const columns: Tensor[] = [];
    let h = caches[0]; // [count, taps * inputs]
    parameters.layers.forEach(({ output }, index) => {
      const seen = index === 0 ? h : concat([caches[index], h], 1);
      if (index > 0) columns.push(seen.slice(1, inputsOf(index), kept[index] * inputsOf(index)));
      const gated = gate(seen.matmul(horizontal[index]).add(contributions[index]));
      const update = gated.matmul(flat(output.weight), { transposeB: true }).add(output.bias);
      h = index > 0 ? h.add(update) : update;
    });
    const hidden = h.relu().matmul(flat(parameters.head.weight), { transposeB: true }).add(parameters.head.bias).relu();
    const raw = hidden.matmul(flat(parameters.logits.weight), { transposeB: true }).add(parameters.logits.bias);
    return { logits: levels === 2 ? concat([raw.mul(0), raw], 1) : raw, columns };
  };

  const uniforms = randomUniform(key, [height, width, count]);
  const choices = allowed?.expand([count, levels, height, width]).transpose([2, 3, 0, 1]); // [H, W, count, levels]
  const noRows: Caches = taps.map((_, index) => zeros([count, inputsOf(index), kept[index], width]));
  const noColumns: Caches = taps.map((_, index) => zeros([count, kept[index] * inputsOf(index)]));
  const { ys } = scan(
    (caches: Caches, row: RowInputs) => {
      const { rows, contributions } = verticalStack(caches, row.position);
      const cells = scan(
        (columns: Caches, cell: CellInputs) => {
          const { logits, columns: next } = column(columns, cell.contributions);
          const tempered = temperature === 1 ? logits : logits.mul(1 / temperature);
          const permitted = cell.allowed ? tempered.add(cell.allowed.sub(1).mul(forbidden)) : tempered;
          const level = drawLevel(permitted, cell.uniform);
          const seen = concat([columns[0], featuresOf(config, parameters, level)], 1);
          const first = seen.slice(1, inputsOf(0), kept[0] * inputsOf(0));
          return { carry: [first, ...next] as Caches, y: level };
        },
        noColumns,
        { contributions, uniform: row.uniform, ...(row.allowed && { allowed: row.allowed }) } as CellInputs,
      );
      const level = cells.ys.transpose(); // [count, W]
      const features = featuresOf(config, parameters, level).transpose([0, 2, 1]).unsqueeze(2);
      const first = concat([caches[0], features], 2).slice(2, 1, kept[0]);
      return { carry: [first, ...rows] as Caches, y: level };
    },
    noRows,
    { position, uniform: uniforms, ...(choices && { allowed: choices }) } as RowInputs,
  );
  return ys.transpose([1, 0, 2]);
}

/** What the loop over rows reads for one of them; as scanned, with the axis of rows before. */
type RowInputs = {
  /** Biases by place for the vertical and the horizontal half, [2 channels, W] each. */
  readonly position: readonly Tensor[];
  /** [W, count] */
  readonly uniform: Tensor;
  /** [W, count, levels] */
  readonly allowed?: Tensor;
};

/** The same for one cell. */
type CellInputs = {
  /** By layer, [count, 2 channels]. */
  readonly contributions: readonly Tensor[];
  /** [count] */
  readonly uniform: Tensor;
  /** [count, levels] */
  readonly allowed?: Tensor;
};
