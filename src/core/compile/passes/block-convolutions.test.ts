import { describe, expect, test } from "vitest";
import { graphOf, type Types } from "../../../../test/golden/show-pass.ts";
import { evaluateConstants, type HostValue, hostValue, interpret } from "../../../engine/interpreter/index.ts";
import { grad } from "../../autodiff/index.ts";
import { keyFromSeed, randomUniform, type Shape, sizeOf } from "../../base/index.ts";
import { type Graph, type Node, nodesOf, type OpName, verifyGraph } from "../../graph/index.ts";
import { concat, type Tensor } from "../../trace/index.ts";
import { optimize } from "../pipeline.ts";
import { blockConvolutions, isFasterInBlocks } from "./block-convolutions.ts";
import { foldIntoBlockedConvolutions } from "./fold-into-blocked-convolutions.ts";

function uniform(shape: Shape, seed: number): HostValue {
  const key = keyFromSeed(seed);
  return hostValue(
    "float32",
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => 2 * randomUniform(key, i) - 1),
  );
}

/** In blocks, however small, after what every target does. */
function inBlocks(graph: Graph, block: number): Graph {
  const blocked = verifyGraph(
    blockConvolutions(optimize(graph, evaluateConstants), block, () => true),
    "blocks",
  );
  return verifyGraph(foldIntoBlockedConvolutions(blocked), "folding");
}

function opsOf(graph: Graph): OpName[] {
  return nodesOf(graph).map(({ op }) => op);
}

/** What puts at least so many elements in another order: tensors that have a batch, not weights. */
function exchanged(graph: Graph, elements: number): Node[] {
  return nodesOf(graph).filter(({ op, outputs }) => op === "transpose" && sizeOf(outputs[0].shape) >= elements);
}

/** The largest difference between what two graphs compute of the same numbers, relative to the largest number. */
function largestDifference(before: Graph, after: Graph): number {
  const inputs = before.inputs.map(({ shape }, i) => uniform(shape, i));
  const seen = interpret(after, inputs);
  return Math.max(
    ...interpret(before, inputs).map(({ data }, output) => {
      const scale = Math.max(1, ...data.map(Math.abs));
      return data.reduce((worst, number, i) => Math.max(worst, Math.abs(number - seen[output].data[i]) / scale), 0);
    }),
  );
}

/** Sums of float64 products in another order. */
const rounding = 1e-12;

interface Layer {
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride?: readonly [number, number];
  readonly padding?: readonly [number, number, number, number];
  readonly dilation?: readonly [number, number];
}

const layers: readonly Layer[] = [
  { size: [5, 6], kernel: [3, 3], padding: [1, 1, 1, 1] },
  { size: [6, 6], kernel: [4, 4], stride: [2, 2], padding: [1, 1, 1, 1] },
  { size: [7, 5], kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1] },
  { size: [6, 7], kernel: [3, 2], stride: [2, 1], padding: [0, 1, 2, 0] },
  { size: [4, 4], kernel: [1, 1] },
  { size: [5, 5], kernel: [1, 1], stride: [2, 2] },
  { size: [8, 7], kernel: [3, 3], padding: [2, 1, 2, 1], dilation: [2, 1] },
  { size: [8, 8], kernel: [3, 3], stride: [2, 3], padding: [2, 2, 0, 1], dilation: [2, 1] },
  { size: [9, 9], kernel: [2, 2], stride: [3, 3] },
  { size: [4, 8], kernel: [1, 1] },
  { size: [5, 5], kernel: [2, 3], stride: [1, 2] },
];

/** Batch, channels and filters. */
type Width = readonly [number, number, number];

/** Whole blocks, parts of one, fewer than one. */
const widths: readonly Width[] = [
  [4, 4, 6],
  [3, 1, 4],
  [2, 6, 1],
  [5, 5, 4],
  [1, 2, 2],
];

/** A layer with bias and relu, with its gradients by everything. */
function layerGraph({ size, kernel, ...options }: Layer, [batch, channels, filters]: Width): Graph {
  const types = { x: [batch, channels, ...size], weight: [filters, channels, ...kernel], bias: [filters] };
  return graphOf(types, ({ x, weight, bias }) => {
    const y = x
      .conv2d(weight, options)
      .add(bias.reshape([filters, 1, 1]))
      .relu();
    const loss = y.square().mul(y.tanh()).sum();
    return { y, ...(grad(loss, { byX: x, byWeight: weight, byBias: bias }) as Record<string, Tensor>) };
  });
}

describe("a convolution and its gradients", () => {
  const cases = [2, 3].flatMap((block) => widths.flatMap((width) => layers.map((layer) => ({ block, width, layer }))));
  test.each(cases)("in blocks of $block, widths $width, $layer", ({ block, width, layer }) => {
    const graph = layerGraph(layer, width);
    const blocked = inBlocks(graph, block);
    expect(opsOf(blocked).filter((op) => op.startsWith("conv2d"))).toEqual([]);
    expect(largestDifference(graph, blocked)).toBeLessThan(rounding);
  });

  test("in parts, where the cache does not hold all weights or all rows of a gradient", () => {
    // 200 x 160 x 9 weights and 20 x 30 places, each more than a MiB of blocks.
    const graph = graphOf({ x: [1, 160, 3, 2], weight: [200, 160, 3, 3] }, ({ x, weight }) =>
      x.conv2d(weight, { padding: 1 }),
    );
    const blocked = inBlocks(graph, 8);
    expect(opsOf(blocked).filter((op) => op === "blockedConv2d")).toHaveLength(2);
    expect(largestDifference(graph, blocked)).toBeLessThan(rounding);

    const rows = graphOf({ x: [2, 16, 20, 30], g: [2, 16, 20, 30] }, ({ x, g }) => {
      const weight = x.slice(2, 0, 3).slice(3, 0, 3).slice(0, 0, 1).expand([16, 16, 3, 3]);
      return grad(x.conv2d(weight, { padding: 1 }).mul(g).sum(), { weight }).weight;
    });
    const byRows = inBlocks(rows, 16);
    expect(opsOf(byRows).filter((op) => op === "blockedConv2d")).toHaveLength(3);
    expect(largestDifference(rows, byRows)).toBeLessThan(rounding);
  });
});

describe("stay plain", () => {
  test("gradients by weights with gaps between columns", () => {
    const graph = layerGraph({ size: [8, 8], kernel: [3, 3], dilation: [1, 2] }, [2, 4, 4]);
    expect(opsOf(inBlocks(graph, 2)).filter((op) => op.startsWith("conv2d"))).toEqual(["conv2dWeightGradient"]);
  });

  test("gradients of a kernel that may miss the image", () => {
    const graph = layerGraph({ size: [4, 4], kernel: [1, 1], padding: [1, 0, 0, 0] }, [2, 4, 4]);
    expect(opsOf(inBlocks(graph, 2)).filter((op) => op.startsWith("conv2d"))).toEqual([
      "conv2dInputGradient",
      "conv2dWeightGradient",
    ]);
  });

  test("convolutions of nothing", () => {
    const graph = graphOf({ x: [0, 4, 4, 4], weight: [4, 4, 3, 3] }, ({ x, weight }) => x.conv2d(weight));
    expect(opsOf(inBlocks(graph, 2))).toContain("conv2d");
  });

  test("small ones, and those that would mostly compute with zeros", () => {
    const sizes = { batch: 64, channels: 64, filters: 64, products: 2 ** 24 };
    expect(isFasterInBlocks(sizes, 16)).toBe(true);
    expect(isFasterInBlocks({ ...sizes, products: 2 ** 18 }, 16)).toBe(false);
    expect(isFasterInBlocks({ ...sizes, channels: 3 }, 16)).toBe(true);
    expect(isFasterInBlocks({ ...sizes, channels: 1, filters: 2 }, 16)).toBe(false);
  });
});

/** Two convolutions with something between them that keeps [B, C, H, W]; gradients by all. */
function chainOf(between: (y: Tensor, channels: Tensor) => Tensor): Graph {
  const types: Types = { x: [4, 4, 6, 6], first: [4, 4, 3, 3], second: [4, 4, 3, 3], channels: [4] };
  return graphOf(types, (args) => {
    const { x, first, second, channels } = args as Readonly<Record<string, Tensor>>;
    const y = between(x.conv2d(first, { padding: 1 }), channels).conv2d(second, { padding: 1 });
    return { y, ...(grad(y.square().sum(), { first, second, channels }) as Record<string, Tensor>) };
  });
}

describe("between convolutions nothing leaves its blocks:", () => {
  const perChannel = (channels: Tensor): Tensor => channels.reshape([4, 1, 1]);
  const elements = 4 * 4 * 6 * 6;
  /** Into blocks for x and out of them for y; three for each weight's gradient, in which images and filters are others. */
  const ends = 2 + 2 * 3;
  const links: readonly (readonly [string, (y: Tensor, channels: Tensor) => Tensor])[] = [
    ["nothing", (y) => y],
    ["activations", (y) => y.tanh().mul(y.sigmoid()).relu()],
    ["numbers", (y) => y.mul(2).add(1).maximum(0)],
    ["numbers for each channel", (y, channels) => y.mul(perChannel(channels)).add(channels.reshape([1, 4, 1, 1]))],
    ["numbers for each example", (y) => y.mul(y.sum([1, 2, 3], true)).sub(y.max([2, 3], true))],
    ["numbers for each place", (y) => y.mul(y.sum([0, 1], true)).add(y.sum(1, true))],
    ["statistics of the batch", (y) => y.sub(y.mean([0, 2, 3], true)).div(y.square().mean([0, 2, 3], true).add(1))],
    ["sums without their axes", (y) => y.mul(y.sum([0, 2, 3]).reshape([4, 1, 1])).add(y.sum([2, 3]).sum())],
    ["masks", (y) => y.mul(y.greater(0.5).cast("float32"))],
    ["nearest neighbours", (y) => y.reshape([4, 4, 6, 1, 6, 1]).expand([4, 4, 6, 2, 6, 2]).reshape([4, 4, 12, 12])],
    ["borders", (y) => y.pad([0, 0, 1, 0], [0, 0, 0, 2]).slice(2, 0, 5)],
    ["parts of the batch", (y) => concat([y.slice(0, 2, 2), y.slice(0, 0, 2)], 0)],
    ["channels joined and parted", (y) => concat([y, y.relu()], 1).slice(1, 2, 4)],
  ];

  test.each(links)("%s", (_, between) => {
    const graph = chainOf(between);
    const blocked = inBlocks(graph, 2);
    expect(largestDifference(graph, blocked)).toBeLessThan(rounding);
    expect(exchanged(blocked, elements / 2)).toHaveLength(ends);
    expect(opsOf(blocked).filter((op) => op.startsWith("conv2d"))).toEqual([]);
  });

  test.each<[string, (y: Tensor, channels: Tensor) => Tensor]>([
    ["parts of a block", (y) => concat([y.slice(1, 1, 3), y.slice(1, 0, 1)], 1)],
    ["channels in other places", (y) => y.transpose([0, 1, 3, 2]).reshape([4, 2, 72]).reshape([4, 4, 6, 6])],
    ["arg max over channels", (y) => y.mul(y.argMax(1).cast("float32").reshape([4, 1, 6, 6]))],
    ["borders of channels", (y) => y.pad([0, 1, 0, 0], [0, 1, 0, 0]).slice(1, 1, 4)],
    ["a tensor of channels and places", (y) => y.add(y.slice(0, 0, 1).transpose([0, 1, 3, 2]))],
  ])("but %s do, rightly", (_, between) => {
    const graph = chainOf(between);
    expect(largestDifference(graph, inBlocks(graph, 2))).toBeLessThan(rounding);
  });
});

describe("what is done to a result", () => {
  test("goes into the convolution: a bias, a sum and relu", () => {
    const types = { x: [2, 4, 5, 5], y: [2, 4, 5, 5], weight: [4, 4, 3, 3], bias: [4] };
    const graph = graphOf(types, ({ x, y, weight, bias }) =>
      y
        .conv2d(weight, { padding: 1 })
        .add(x.conv2d(weight, { padding: 1 }).add(bias.reshape([4, 1, 1])))
        .relu(),
    );
    const blocked = inBlocks(graph, 2);
    expect(opsOf(blocked).filter((op) => op === "add" || op === "relu")).toEqual([]);
    const attrs = nodesOf(blocked).flatMap((node) => (node.op === "blockedConv2d" ? [node.attrs] : []));
    expect(attrs).toMatchObject([
      { bias: true, sum: false, relu: false },
      { bias: false, sum: true, relu: true },
    ]);
    expect(largestDifference(graph, blocked)).toBeLessThan(rounding);
  });

  test("stays outside where what is in between is used too", () => {
    const types = { x: [2, 4, 5, 5], weight: [4, 4, 3, 3], bias: [4] };
    const graph = graphOf(types, ({ x, weight, bias }) => {
      const y = x.conv2d(weight);
      return { y, z: y.add(bias.reshape([4, 1, 1])).relu() };
    });
    const blocked = inBlocks(graph, 2);
    expect(opsOf(blocked).filter((op) => op === "add" || op === "relu")).toEqual(["add", "relu"]);
    expect(largestDifference(graph, blocked)).toBeLessThan(rounding);
  });

  test("stays outside where it is a number for each place", () => {
    const types = { x: [2, 4, 5, 5], weight: [4, 4, 3, 3], places: [3, 3] };
    const graph = graphOf(types, ({ x, weight, places }) => x.conv2d(weight).add(places));
    const blocked = inBlocks(graph, 2);
    expect(opsOf(blocked)).toContain("add");
    expect(largestDifference(graph, blocked)).toBeLessThan(rounding);
  });
});
