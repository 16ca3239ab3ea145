import { describe, expect, test } from "vitest";
import { grad, gradients } from "../../src/core/autodiff/index.ts";
import { GalateaError } from "../../src/core/base/index.ts";
import { inputValue } from "../../src/core/graph/index.ts";
import { Tensor, tensor, where } from "../../src/core/trace/index.ts";
import { float, floats } from "../conformance/cases-values.ts";
import { run } from "./check.ts";

describe("what gradients are", () => {
  test("contributions of several uses add up", () => {
    // x^2 + 3x + x y
    const [byX, byY] = run(
      (x, y) => gradients(x.mul(x).add(x.mul(3)).add(x.mul(y)).sum(), [x, y]),
      [floats(2, -1), floats(5, 7)],
    );
    expect(byX).toEqual([2 * 2 + 3 + 5, 2 * -1 + 3 + 7]);
    expect(byY).toEqual([2, -1]);
  });

  test("a tensor that the loss does not depend on gets zeros of its shape", () => {
    const [byX, byUnused] = run((x, unused) => gradients(x.sum(), [x, unused]), [floats(1, 2), floats(1, 2, 3)]);
    expect(byX).toEqual([1, 1]);
    expect(byUnused).toEqual([0, 0, 0]);
  });

  test("a loss without any wanted tensor gives zeros", () => {
    expect(run((x, y) => gradients(y.sum(), [x]), [floats(1, 2), floats(3)])).toEqual([[0, 0]]);
  });

  test("stopGradient blocks one way and leaves the other", () => {
    const [byX] = run((x) => gradients(x.mul(x.stopGradient()).sum(), [x]), [floats(3, 4)]);
    expect(byX).toEqual([3, 4]);
    const [blocked] = run((x) => gradients(x.square().stopGradient().sum(), [x]), [floats(3, 4)]);
    expect(blocked).toEqual([0, 0]);
  });

  test("discrete ops block, and integers carry no gradient", () => {
    const [bySign, byCast, byLess] = run(
      (x) => [
        ...gradients(x.sign().mul(2).sum(), [x]),
        ...gradients(x.cast("int32").cast("float32").sum(), [x]),
        ...gradients(x.less(0).cast("float32").sum(), [x]),
      ],
      [floats(3, -4)],
    );
    expect([bySign, byCast, byLess]).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  test("an intermediate tensor, together with what it was computed from", () => {
    const [byHidden, byX] = run(
      (x) => {
        const hidden = x.mul(2);
        return gradients(hidden.square().add(x).sum(), [hidden, x]);
      },
      [floats(1, 3)],
    );
    expect(byHidden).toEqual([4, 12]);
    expect(byX).toEqual([9, 25]);
  });

  test("an intermediate tensor alone, and the output of stopGradient", () => {
    const [byHidden, byStopped] = run(
      (x) => {
        const hidden = x.exp();
        const stopped = x.stopGradient();
        return [...gradients(hidden.mul(5).sum(), [hidden]), ...gradients(stopped.mul(x).sum(), [stopped])];
      },
      [floats(0, 1)],
    );
    expect(byHidden).toEqual([5, 5]);
    expect(byStopped).toEqual([0, 1]);
  });

  test("the loss by itself is 1, and a tensor wanted twice is answered twice", () => {
    const outputs = run(
      (x) => {
        const loss = x.mul(x).sum();
        return gradients(loss, [loss, x, x]);
      },
      [floats(2)],
    );
    expect(outputs).toEqual([[1], [4], [4]]);
  });

  test("the third derivative of x^4", () => {
    const [third] = run(
      (x) => {
        const first = gradients(x.square().square().sum(), [x])[0];
        const second = gradients(first.sum(), [x])[0];
        return gradients(second.sum(), [x]);
      },
      [floats(2, -1)],
    );
    expect(third).toEqual([48, -24]);
  });

  test("a gradient penalty reaches the weights: d/dw (|d(w x^2)/dx| - 1)^2", () => {
    // The slope by x is 2 w x = 12; its penalty (12 - 1)^2 has the slope 2 * 11 * 2x = 88 by w.
    const [byW] = run(
      (x, w) => {
        const [slope] = gradients(w.mul(x.square()).sum(), [x]);
        return gradients(slope.sub(1).square().sum(), [w]);
      },
      [floats(2), floats(3)],
    );
    expect(byW).toEqual([88]);
  });

  test("ties share: maximum and minimum by halves, reduceMax by parts", () => {
    const outputs = run(
      (a, b) => [
        ...gradients(a.maximum(b).sum(), [a, b]),
        ...gradients(a.minimum(b).sum(), [a, b]),
        ...gradients(a.max(), [a]),
      ],
      [floats(1, 4, 4, 4), floats(1, 0, 4, 9)],
    );
    expect(outputs.slice(0, 4)).toEqual([
      [0.5, 1, 0.5, 0],
      [0.5, 0, 0.5, 1],
      [0.5, 0, 0.5, 1],
      [0.5, 1, 0.5, 0],
    ]);
    for (const [i, share] of [0, 1 / 3, 1 / 3, 1 / 3].entries()) expect(outputs[4][i]).toBeCloseTo(share, 12);
  });

  test("kinks at 0: relu and abs have the gradient 0 there", () => {
    const outputs = run(
      (x) => [...gradients(x.relu().sum(), [x]), ...gradients(x.abs().sum(), [x])],
      [floats(-1, 0, 2)],
    );
    expect(outputs).toEqual([
      [0, 0, 1],
      [-1, 0, 1],
    ]);
  });

  test("kinks at 0: leakyRelu has its slope there, elu its scale", () => {
    const outputs = run(
      (x) => [...gradients(x.leakyRelu(0.25).sum(), [x]), ...gradients(x.elu(2).sum(), [x])],
      [floats(0, 3, Number.NEGATIVE_INFINITY, Number.NaN)],
    );
    expect(outputs).toEqual([
      [0.25, 1, 0.25, 0.25],
      [2, 1, 0, Number.NaN],
    ]);
  });

  test("powers of 0 and of negative numbers", () => {
    const [bases, exponents] = [floats(0, 0, 0, 0, -2, -2, -2, 3), floats(0, 1, 2, 0.5, 3, -1, 2, 0)];
    const [byA, byB] = run((a, b) => gradients(a.pow(b).sum(), [a, b]), [bases, exponents]);
    expect(byA).toEqual([0, 1, 0, Number.POSITIVE_INFINITY, 12, -0.25, -4, 0]);
    // Of a negative base no power lies beside a whole one: no gradient by the exponent.
    expect(byB).toEqual([0, 0, 0, 0, -0, -0, 0, Math.log(3)]);
    const byNumbers = run((a) => [0, 1, 2, 0.5, 3].flatMap((b) => gradients(a.pow(b).sum(), [a])), [floats(0)]);
    expect(byNumbers).toEqual([[0], [1], [0], [Number.POSITIVE_INFINITY], [0]]);
  });

  test("second derivatives of powers at 0", () => {
    const [byNumber, byTensor] = run(
      (a, b) => {
        const slopes = [a.pow(2), a.pow(b)].map((power) => gradients(power.sum(), [a])[0]);
        return slopes.flatMap((slope) => gradients(slope.sum(), [a]));
      },
      [floats(0, 0), floats(2, 1)],
    );
    expect([byNumber, byTensor]).toEqual([
      [2, 2],
      [2, 0],
    ]);
  });

  test("log1p, expm1 and roots at the ends of their ranges", () => {
    const outputs = run(
      (a, b, c) => [
        ...gradients(a.log1p().sum(), [a]),
        ...gradients(b.expm1().sum(), [b]),
        ...gradients(c.rsqrt().sum(), [c]),
        ...gradients(c.reciprocal().sum(), [c]),
      ],
      [
        floats(0, -1, Number.POSITIVE_INFINITY),
        floats(0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
        floats(0, 4, Number.POSITIVE_INFINITY),
      ],
    );
    expect(outputs).toEqual([
      [1, Number.POSITIVE_INFINITY, 0],
      [1, 0, Number.POSITIVE_INFINITY],
      [Number.NEGATIVE_INFINITY, -1 / 16, -0],
      [Number.NEGATIVE_INFINITY, -1 / 16, -0],
    ]);
  });

  test("logSumExp gives masked rows and elements the gradient 0", () => {
    const rows = float([3, 2], [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, 2, 2]);
    const [byX] = run((x) => gradients(x.logSumExp(1).sum(), [x]), [rows]);
    expect(byX).toEqual([0, 0, 0, 1, 0.5, 0.5]);
  });

  test("standardDeviation has the gradient 0 where nothing varies", () => {
    const rows = float([2, 2], [2, 2, 1, 3]);
    const [byX] = run((x) => gradients(x.standardDeviation(1).sum(), [x]), [rows]);
    for (const [i, slope] of [0, 0, -Math.SQRT1_2, Math.SQRT1_2].entries()) expect(byX[i]).toBeCloseTo(slope, 7);
  });

  test("sorted values send their gradients back to where they came from", () => {
    const [byX] = run(
      (x) =>
        gradients(
          x
            .sort(0, true)
            .mul(tensor([1, 10, 100], [3]))
            .sum(),
          [x],
        ),
      [floats(2, 5, 2)],
    );
    expect(byX).toEqual([10, 1, 100]);
  });

  test("gradients go through float16, unrounded", () => {
    const [byX] = run(
      (x) =>
        gradients(
          x
            .cast("float16")
            .reshape([2, 1])
            .cast("float32")
            .mul(tensor([0.1, 3], [2, 1]))
            .sum(),
          [x],
        ),
      [floats(1, 2)],
    );
    expect(byX).toEqual([0.1, 3].map(Math.fround));
  });

  test("where does not let NaN through from the branch that was not chosen", () => {
    const [byX] = run((x) => gradients(where(x.less(0), 0, x).sum(), [x]), [floats(-1, Number.NaN, 2)]);
    expect(byX).toEqual([0, 1, 1]);
  });

  test("a chain of 20,000 nodes does not overflow the stack", () => {
    const [byX] = run(
      (x) => {
        let sum = x;
        for (let i = 0; i < 20_000; i++) sum = sum.add(x);
        return gradients(sum.sum(), [x]);
      },
      [floats(1)],
    );
    expect(byX).toEqual([20_001]);
  });

  test("grad keeps the structure of the parameters", () => {
    const weight = new Tensor(inputValue("params.layers.0.weight", { dtype: "float32", shape: [2, 3] }));
    const bias = new Tensor(inputValue("params.bias", { dtype: "float32", shape: [3] }));
    const parameters = { layers: [{ weight }], bias };
    const slopes = grad(weight.add(bias).square().sum(), parameters);
    expect(slopes.layers[0].weight.shape).toEqual([2, 3]);
    expect(slopes.bias.shape).toEqual([3]);
    expect(Object.keys(slopes)).toEqual(["layers", "bias"]);
  });
});

describe("errors", () => {
  const weight = new Tensor(inputValue("params.encoder.linear1.weight", { dtype: "float32", shape: [2, 3] }));
  const labels = new Tensor(inputValue("batch.labels.kind", { dtype: "int32", shape: [3] }));

  function errorOf(act: () => unknown): GalateaError {
    try {
      act();
    } catch (error) {
      if (error instanceof GalateaError) return error;
      throw error;
    }
    throw new Error("nothing was thrown");
  }

  test("a loss that is no scalar", () => {
    const error = errorOf(() => gradients(weight.square(), [weight]));
    expect(error.message).toBe(
      "encoder.linear1: the loss is float32[2, 3]; it must be a float32 scalar: reduce it with sum() or mean()",
    );
    expect(error.code).toBe("gradient");
  });
  test("a loss that is no float", () => {
    expect(errorOf(() => gradients(labels.sum(), [weight])).message).toBe(
      "labels: the loss is int32[]; it must be a float32 scalar: reduce it with sum() or mean()",
    );
  });
  test("a gradient by integers", () => {
    const error = errorOf(() => gradients(weight.sum(), [weight, labels]));
    expect(error.message).toBe("labels: no gradient by int32; only by float32 tensors");
    expect(error.code).toBe("gradient");
  });
});
