import { expect, test } from "vitest";
import { grad } from "../../src/core/autodiff/index.ts";
import { printGraph } from "../../src/core/graph/index.ts";
import { trace } from "../../src/core/trace/index.ts";

/** As traced, before any pass. `npx vitest run test/golden -u` writes it again; read the difference. */
test("a linear layer, relu and mean with their gradient", async () => {
  const types = {
    params: { linear: { weight: { dtype: "float32", shape: [3, 4] }, bias: { dtype: "float32", shape: [3] } } },
    x: { dtype: "float32", shape: [2, 4] },
  } as const;
  const { graph } = trace(types, ({ params, x }) => {
    const { weight, bias } = params.linear;
    const loss = x.matmul(weight, { transposeB: true }).add(bias).relu().mean();
    return { loss, gradients: grad(loss, params) };
  });
  await expect(printGraph(graph)).toMatchFileSnapshot("./linear-gradient.txt");
});
