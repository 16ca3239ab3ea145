/** What is done to the result of a blocked convolution becomes part of it: a bias, a sum with another tensor, relu. */

import { sameShape, sizeOf } from "../../base/index.ts";
import {
  type BlockedConv2dAttrs,
  emitValue,
  type Graph,
  isOp,
  type Node,
  rewriteGraph,
  type Value,
} from "../../graph/index.ts";
import { reshape } from "./layout-nodes.ts";
import { usesOf } from "./uses.ts";

type Convolution = Node<"blockedConv2d">;

function asConvolution({ node }: Value): Convolution | undefined {
  return isOp(node, "blockedConv2d") && !node.attrs.relu ? node : undefined;
}

/** [O/b, b] from an operand that gives each channel of [B, O/b, H, W, b] a number of its own. */
function biasOf(operand: Value, { shape }: Value, path: string): Value | undefined {
  const channels = [shape[1], shape[4]];
  const isPerChannel = sizeOf(operand.shape) === sizeOf(channels) && operand.shape.at(-4) === shape[1];
  return isPerChannel && operand.shape.at(-1) === shape[4] ? reshape(operand, channels, path) : undefined;
}

function extended(
  { inputs, attrs, path }: Convolution,
  changes: Partial<BlockedConv2dAttrs>,
  operands: { readonly bias?: Value; readonly sum?: Value },
): Value {
  const bias = operands.bias ?? (attrs.bias ? inputs[2] : undefined);
  const sum = operands.sum ?? (attrs.sum ? inputs[inputs.length - 1] : undefined);
  const given = [bias, sum].filter((operand) => operand !== undefined);
  return emitValue("blockedConv2d", [inputs[0], inputs[1], ...given], { ...attrs, ...changes }, path);
}

function added(convolution: Convolution, operand: Value, path: string): Value | undefined {
  const { attrs, outputs } = convolution;
  const bias = attrs.bias ? undefined : biasOf(operand, outputs[0], path);
  if (bias) return extended(convolution, { bias: true }, { bias });
  const isWhole = sameShape(operand.shape, outputs[0].shape);
  return isWhole && !attrs.sum ? extended(convolution, { sum: true }, { sum: operand }) : undefined;
}

/** relu(conv(x) + bias + y) becomes one node, where nothing else uses what is in between. */
export function foldIntoBlockedConvolutions(graph: Graph): Graph {
  const uses = usesOf(graph.outputs.map(({ value }) => value));
  return rewriteGraph(graph, (node, inputs) => {
    if (node.op !== "add" && node.op !== "relu") return undefined;
    for (const [i, input] of inputs.entries()) {
      const convolution = asConvolution(input);
      if (!convolution || uses.get(node.inputs[i]) !== 1) continue;
      const folded =
        node.op === "relu" ? extended(convolution, { relu: true }, {}) : added(convolution, inputs[1 - i], node.path);
      if (folded) return [folded];
    }
    return undefined;
  });
}
