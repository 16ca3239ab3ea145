import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../test/graph/numbers.ts";
import { gradients } from "../../core/autodiff/index.ts";
import { type Tensor, tensor } from "../../core/trace/index.ts";
import { ctcLoss } from "./ctc.ts";

const [batch, steps, classes] = [3, 6, 4];
/** sin(0.7 i + 1) * 1.5: numbers that PyTorch was given too. */
const numbers = Array.from({ length: batch * steps * classes }, (_, i) => Math.sin(0.7 * i + 1) * 1.5);
const int = (values: readonly number[], shape: readonly number[]): Tensor => tensor(values, shape, "int32");
const times = int([6, 4, 5], [3]);
const lengths = int([3, 2, 0], [3]);
const labels = int([1, 2, 2, 3, 1, 0, 2, 0, 0], [3, 3]);

/** log p(v) at each time, in float64. */
function logProbabilities(example: number): number[][] {
  return Array.from({ length: steps }, (_, t) => {
    const row = numbers.slice((example * steps + t) * classes, (example * steps + t + 1) * classes);
    const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
    return row.map((x) => x - total);
  });
}

/** The likelihood as its definition says: all paths that become the labels without repetitions and blanks. */
function bySummation(example: number, wanted: readonly number[], count: number): number {
  const logs = logProbabilities(example);
  let sum = 0;
  for (let path = 0; path < classes ** count; path++) {
    const classesOfPath = Array.from({ length: count }, (_, t) => Math.floor(path / classes ** t) % classes);
    const collapsed = classesOfPath.filter((label, t) => label !== 0 && label !== classesOfPath[t - 1]);
    if (collapsed.join() !== wanted.join()) continue;
    sum += Math.exp(classesOfPath.reduce((log, label, t) => log + logs[t][label], 0));
  }
  return -Math.log(sum);
}

describe("ctcLoss", () => {
  const logits = tensor(numbers, [batch, steps, classes]);
  const loss = ctcLoss({ logits, labels, times, lengths });

  test("is the sum over all paths", () => {
    const found = numbersOf(loss);
    expect(found[0]).toBeCloseTo(bySummation(0, [1, 2, 2], 6), 5);
    expect(found[1]).toBeCloseTo(bySummation(1, [3, 1], 4), 5);
    expect(found[2]).toBeCloseTo(bySummation(2, [], 5), 5);
  });

  // torch.nn.functional.ctc_loss of PyTorch 1.13, float64, reduction="none"; the gradient of the sum of all three.
  test("and its gradient are PyTorch's", () => {
    numbersOf(loss).forEach((number, i) => {
      expect(number).toBeCloseTo([4.176258, 2.77645, 7.687983][i], 5);
    });
    const [gradient] = gradients(loss.sum(), [logits]);
    const expected = [
      0.14517, -0.469398, 0.233859, 0.090369, -0.061031, -0.189272, -0.138837, 0.38914, 0.029545, 0.289186, -0.538673,
      0.219942, -0.434819, 0.203094, 0.09222, 0.139505, 0.02801, 0.159592, -0.61665, 0.429047, -0.230431, 0.236627,
      -0.059631, 0.053434, -0.05051, 0.096202, 0.269116, -0.314808, -0.047966, 0.034424, 0.118324, -0.104783, -0.160374,
      -0.47302, 0.216517, 0.416876, -0.018242, -0.284954, 0.220159, 0.083037, 0, 0, 0, 0, 0, 0, 0, 0, -0.481644,
      0.200374, 0.124798, 0.156472, -0.939108, 0.170112, 0.360871, 0.408125, -0.379025, 0.231773, 0.0902, 0.057052,
      -0.956721, 0.099234, 0.276943, 0.580544, -0.459721, 0.303042, 0.112564, 0.044116, 0, 0, 0, 0,
    ];
    numbersOf(gradient).forEach((number, i) => {
      expect(number).toBeCloseTo(expected[i], 5);
    });
  });

  test("the blank may be another class", () => {
    // Class 0 and class 3 change their roles.
    const order = int([3, 1, 2, 0], [4]);
    const swapped = logits.gather(order, 2);
    const renamed = int([1, 2, 2, 0, 1, 3, 2, 3, 3], [3, 3]);
    const other = ctcLoss({ logits: swapped, labels: renamed, times, lengths, blank: 3 });
    numbersOf(other).forEach((number, i) => {
      expect(number).toBeCloseTo(numbersOf(loss)[i], 5);
    });
  });

  test("what does not count changes nothing: later times, later labels", () => {
    const others = numbers.map((x, i) => (Math.floor(i / classes) % steps >= 5 && i > 30 ? -x : x));
    const found = ctcLoss({
      logits: tensor(others, [batch, steps, classes]),
      labels: int([1, 2, 2, 3, 1, 2, 1, 2, 3], [3, 3]),
      times,
      lengths,
    });
    expect(numbersOf(found)).toEqual(numbersOf(loss));
  });

  test("of one time, and of labels that do not fit", () => {
    const one = ctcLoss({ logits: logits.slice(1, 0, 1), labels: labels.slice(1, 0, 1) });
    expect(numbersOf(one)[0]).toBeCloseTo(-logProbabilities(0)[0][1], 5);
    const tight = ctcLoss({ logits: logits.slice(1, 0, 2), labels: labels.slice(1, 1, 2) });
    expect(numbersOf(tight)[0]).toBeGreaterThan(1e29); // 2, 2 needs a blank between
    expect(numbersOf(tight).every(Number.isFinite)).toBe(true);
  });

  test("parts that do not fit together are refused", () => {
    expect(() => ctcLoss({ logits, labels: labels.slice(0, 0, 2) })).toThrow("labels [2, 3]");
    expect(() => ctcLoss({ logits, labels, blank: 4 })).toThrow("blank 4");
  });
});
