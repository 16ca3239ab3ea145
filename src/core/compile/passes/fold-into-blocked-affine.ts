/** Products and sums with numbers for each channel, between blocked convolutions: one pass over memory for several. */

import { type Shape, sameShape, sizeOf } from "../../base/index.ts";
import {
  type BlockedAffineAttrs,
  emitValue,
  type Graph,
  isOp,
  type Node,
  rewriteGraph,
  type Value,
} from "../../graph/index.ts";
import { reshape } from "./layout-nodes.ts";
import { usesOf } from "./uses.ts";

/** x * scale + bias + sum; relu, where asked. */
interface Affine {
  readonly x: Value;
  readonly scale: Value;
  readonly bias?: Value;
  readonly sum?: Value;
}

/** [N, C/b, b] from an operand that gives each channel, of each example or of all, a number of its own. */
function perChannel(operand: Value, image: Shape, path: string): Value | undefined {
  // A sum may hold products of values that are no images over blocks.
  if (image.length !== 5) return undefined;
  const missing = image.length - operand.shape.length;
  const [batch, channels, height, width, block] = [...Array<number>(missing).fill(1), ...operand.shape];
  const fits = height === 1 && width === 1 && channels === image[1] && block === image[4];
  return fits && (batch === 1 || batch === image[0]) ? reshape(operand, [batch, channels, block], path) : undefined;
}

/** A product of an image and numbers for each channel. */
function asProduct({ node, shape }: Value): Affine | undefined {
  if (node.op !== "mul") return undefined;
  for (const [x, other] of [node.inputs, node.inputs.toReversed()]) {
    const scale = sameShape(x.shape, shape) && !sameShape(other.shape, shape) && perChannel(other, shape, node.path);
    if (scale) return { x, scale };
  }
  return undefined;
}

function asAffine(value: Value): Affine | undefined {
  const { node } = value;
  if (!isOp(node, "blockedAffine")) return asProduct(value);
  const [x, scale, ...others] = node.inputs;
  const { attrs } = node;
  if (attrs.relu) return undefined;
  return { x, scale, ...(attrs.bias && { bias: others[0] }), ...(attrs.sum && { sum: others[others.length - 1] }) };
}

function emitted({ x, scale, bias, sum }: Affine, relu: boolean, path: string): Value {
  // Both for each example, if one of them is.
  const shape = bias && bias.shape[0] > scale.shape[0] ? bias.shape : scale.shape;
  const wide = (operand: Value): Value =>
    sameShape(operand.shape, shape) ? operand : emitValue("expand", [operand], { shape }, path);
  const operands = [x, wide(scale), ...(bias ? [wide(bias)] : []), ...(sum ? [sum] : [])];
  const attrs: BlockedAffineAttrs = { bias: bias !== undefined, sum: sum !== undefined, relu };
  return emitValue("blockedAffine", operands, attrs, path);
}

function added(affine: Affine, operand: Value, path: string): Affine | undefined {
  const bias = affine.bias ? undefined : perChannel(operand, affine.x.shape, path);
  if (bias) return { ...affine, bias };
  return !affine.sum && sameShape(operand.shape, affine.x.shape) ? { ...affine, sum: operand } : undefined;
}

/**
 * sum(x s + y t) = sum(x) s + sum(y) t over axes along which s and t do not change: the sum then does not wait for the
 * terms, which so can become part of what is made of it.
 */
function summedApart(node: Node, [value]: readonly Value[]): Value | undefined {
  if (!isOp(node, "reduceSum") || value.node.op !== "add" || !node.attrs.keepDims) return undefined;
  const { axes } = node.attrs;
  const terms = value.node.inputs.map((input) => {
    const product = asProduct(input);
    if (!product || !sameShape(input.shape, value.shape)) return undefined;
    const [batch, channels, block] = product.scale.shape;
    const scale = reshape(product.scale, [batch, channels, 1, 1, block], node.path);
    if (axes.some((axis) => scale.shape[axis] !== 1)) return undefined;
    return emitValue("mul", [emitValue("reduceSum", [product.x], node.attrs, node.path), scale], {}, node.path);
  });
  const [first, second] = terms;
  return first && second && emitValue("add", [first, second], {}, node.path);
}

/** Folds products, sums and relu around tensors [B, C/b, H, W, b] with blocks of b, where nothing else uses what is between. */
export function foldIntoBlockedAffine(graph: Graph, block: number): Graph {
  const apart = rewriteGraph(graph, (node, inputs) => {
    const sum = inputs[0]?.shape.at(-1) === block ? summedApart(node, inputs) : undefined;
    return sum && [sum];
  });
  const uses = usesOf(apart.outputs.map(({ value }) => value));
  return rewriteGraph(apart, (node, inputs) => {
    const [{ shape }] = node.outputs;
    if (shape.length !== 5 || shape[4] !== block || sizeOf(shape) === 0) return undefined;
    const { path } = node;
    for (const [i, input] of inputs.entries()) {
      if (uses.get(node.inputs[i]) !== 1 || !sameShape(input.shape, shape)) continue;
      const affine = asAffine(input);
      if (!affine) continue;
      if (node.op === "relu" && (affine.bias || affine.sum)) return [emitted(affine, true, path)];
      const sum = node.op === "add" ? added(affine, inputs[1 - i], path) : undefined;
      if (sum) return [emitted(sum, false, path)];
    }
    return undefined;
  });
}
