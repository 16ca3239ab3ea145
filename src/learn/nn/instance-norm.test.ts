import { expect, test } from "vitest";
import { expectNumbers, numbersOf, ramp } from "../../../test/graph/numbers.ts";
import { keyFromSeed } from "../../core/base/index.ts";
import { constantKey } from "../../core/trace/index.ts";
import { evaluationContext, trainingContext } from "./context.ts";
import { instanceNorm } from "./instance-norm.ts";
import { groupNorm } from "./normalization.ts";

const key = constantKey(keyFromSeed(1));

// Expected numbers by PyTorch 1.13 in float64:
// python3 -c "import math, torch; torch.set_default_dtype(torch.double); N = torch.nn
// r = lambda *s: ((torch.arange(math.prod(s)) * 7 % 11 - 5) / 4).double().reshape(s)
// m = N.InstanceNorm2d(2, affine=True); m.weight.data, m.bias.data = r(2) + 2, r(2)
// print(N.InstanceNorm1d(2)(r(2, 2, 3)), m(r(2, 2, 2, 2)))"

const context = evaluationContext();

test("instanceNorm equals PyTorch's, with and without parameters", () => {
  const plain = instanceNorm({ channels: 2 });
  expectNumbers(
    plain.apply(plain.init(key), ramp(2, 2, 3), context),
    [2, 2, 3],
    [
      -1.162465077, 1.278711585, -0.116246508, 1.224735686, 0.0, -1.224735686, 1.224735686, 0.0, -1.224735686,
      1.224735686, 0.0, -1.224735686,
    ],
  );
  const affine = { weight: ramp(2).add(2), bias: ramp(2) };
  const y = instanceNorm({ channels: 2, affine: true }).apply(affine, ramp(2, 2, 2, 2), context);
  expectNumbers(
    y,
    [2, 2, 2, 2],
    [
      -2.234792813, -0.856082875, -1.643917125, -0.265207187, 0.9999936, -2.999955201, 3.999955201, 6.4e-6, -1.79216857,
      -0.105421908, -1.069277143, -2.033132379, 0.9999936, -2.999955201, 3.999955201, 6.4e-6,
    ],
  );
});

test("it is group norm with as many groups as channels, and the same in training", () => {
  const parameters = { weight: ramp(4), bias: ramp(4).neg() };
  const y = instanceNorm({ channels: 4, affine: true }).apply(parameters, ramp(2, 4, 3, 2), trainingContext());
  const byGroups = groupNorm({ groups: 4, channels: 4 }).apply(parameters, ramp(2, 4, 3, 2), context);
  expectNumbers(y, [2, 4, 3, 2], numbersOf(byGroups));
});

test("it has parameters only when asked for", () => {
  expect(instanceNorm({ channels: 3 }).init(key)).toEqual({});
  const { weight, bias } = instanceNorm({ channels: 3, affine: true }).init(key);
  expect([numbersOf(weight), numbersOf(bias)]).toEqual([
    [1, 1, 1],
    [0, 0, 0],
  ]);
});

test("inputs that do not fit are refused", () => {
  const layer = instanceNorm({ channels: 3 });
  for (const shape of [
    [2, 3],
    [2, 4, 5],
  ]) {
    expect(() => layer.apply({}, ramp(...shape), context)).toThrow(
      `instanceNorm: its input has shape [${shape.join(", ")}]; it must be [B, 3, ...]`,
    );
  }
});
