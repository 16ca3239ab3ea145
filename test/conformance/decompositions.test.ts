import { describe, expect, test } from "vitest";
import { gradients } from "../../src/core/autodiff/index.ts";
import { applyAll, constant, oneHot, type Tensor, trace } from "../../src/core/trace/index.ts";
import { type HostValue, interpret } from "../../src/engine/interpreter/index.ts";
import { casesByOp } from "./cases.ts";
import type { compositeCases } from "./cases-composite.ts";

type Composite = keyof typeof compositeCases;

/** Each composition in the rest of the op table. */
const decompositions: { readonly [N in Composite]: (inputs: readonly Tensor[], attrs: never) => Tensor[] } = {
  softmax: ([x], { axis }: { axis: number }) => {
    const powers = x.sub(x.max(axis, true).stopGradient()).exp();
    return [powers.div(powers.sum(axis, true))];
  },
  logSoftmax: ([x], { axis }: { axis: number }) => {
    const centred = x.sub(x.max(axis, true).stopGradient());
    return [centred.sub(centred.exp().sum(axis, true).log())];
  },
  crossEntropy: ([x, labels]) => [x.logSumExp(-1).sub(x.mul(oneHot(labels, x.shape.at(-1) as number)).sum(-1))],
  gelu: ([x]) => [x.mul(x.mul(Math.SQRT1_2).erf().add(1)).mul(0.5)],
  layerNorm: ([x, weight, bias], { epsilon }: { epsilon: number }) => {
    const mean = x.mean(-1, true);
    const deviations = x.sub(mean);
    const deviation = deviations.square().mean(-1, true).add(epsilon).sqrt();
    return [deviations.div(deviation).mul(weight).add(bias), mean, constant(1).div(deviation)];
  },
};

/** The outputs of f and the gradients of the sum of their sines by all inputs. */
function evaluate(f: (inputs: readonly Tensor[]) => readonly Tensor[], inputs: readonly HostValue[]): number[][] {
  const { graph } = trace({ x: inputs.map(({ dtype, shape }) => ({ dtype, shape })) }, ({ x }) => {
    const outputs = f(x);
    const loss = outputs.map((y) => y.sin().sum()).reduce((a, b) => a.add(b));
    const floats = x.filter(({ dtype }) => dtype === "float32");
    return { outputs: [...outputs], gradients: gradients(loss, floats) };
  });
  return interpret(graph, inputs).map(({ data }) => [...data]);
}

/** Constants inside decompositions, such as epsilon and 1/n, are rounded to float32, 6e-8 relative; rows whose
 * mean is far larger than their deviation enlarge that. */
const tolerance = 1e-4;

describe.each(Object.keys(decompositions) as Composite[])("%s is what its decomposition is", (op) => {
  // A row without variance enlarges the rounding of 1/n by 1 / epsilon: nothing is left to compare.
  const usual = casesByOp[op].filter(
    ({ name, inputs }) =>
      name !== "rows without variance" &&
      inputs.every(({ data }) => data.length > 0 && data.every((number) => Math.abs(number) < 1e4)),
  );
  test.each(usual.map((one) => [one.name, one] as const))("%s", (_, { attrs, inputs }) => {
    const fused = evaluate((x) => applyAll(op as never, x, attrs as never), inputs);
    const parts = evaluate((x) => decompositions[op](x, attrs as never), inputs);
    expect(fused.length).toBe(parts.length);
    fused.forEach((numbers, i) => {
      numbers.forEach((number, j) => {
        expect(Math.abs(number - parts[i][j])).toBeLessThan(tolerance * Math.max(1, Math.abs(parts[i][j])));
      });
    });
  });
});
