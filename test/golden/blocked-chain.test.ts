import { expect, test } from "vitest";
import { optimize } from "../../src/core/compile/index.ts";
import {
  blockConvolutions,
  foldIntoBlockedConvolutions,
  shareSubexpressions,
  simplify,
} from "../../src/core/compile/passes/index.ts";
import { type Graph, printGraph } from "../../src/core/graph/index.ts";
import { evaluateConstants } from "../../src/engine/interpreter/index.ts";
import { batchNorm, trainingContext } from "../../src/learn/nn/index.ts";
import { graphOf } from "./show-pass.ts";

const block = 2;

/** With blocks as small as the channels are few, so that the graph can be read. */
function inBlocks(graph: Graph): Graph {
  const blocked = blockConvolutions(optimize(graph, evaluateConstants), block, () => true);
  return shareSubexpressions(simplify(foldIntoBlockedConvolutions(blocked)));
}

/** `npx vitest run test/golden -u` writes it again; read the difference. */
test("convolution, batch norm, relu and convolution: into blocks at one end, out of them at the other", async () => {
  const types = { x: [4, 4, 6, 6], first: [4, 4, 3, 3], scale: [4], shift: [4], second: [4, 4, 3, 3] };
  const graph = graphOf(types, ({ x, first, scale, shift, second }) => {
    const statistics = { weight: scale, bias: shift, running_mean: shift, running_var: scale };
    const hidden = batchNorm({ channels: 4 }).apply(statistics, x.conv2d(first, { padding: 1 }), trainingContext());
    return hidden.relu().conv2d(second, { padding: 1 });
  });
  await expect(printGraph(inBlocks(graph))).toMatchFileSnapshot("./blocked-chain.txt");
});
