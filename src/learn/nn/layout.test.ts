import { expect, test } from "vitest";
import { zeros } from "../../core/trace/index.ts";
import { flatten, reshape } from "./layout.ts";

test("examples get another shape, the batch stays", () => {
  expect(flatten()(zeros([5, 2, 3, 4])).shape).toEqual([5, 24]);
  expect(reshape([4, 3, 2])(zeros([5, 24])).shape).toEqual([5, 4, 3, 2]);
  expect(reshape([4, -1])(zeros([5, 2, 12])).shape).toEqual([5, 4, 6]);
});

test("another number of elements is refused", () => {
  expect(() => reshape([5, 5])(zeros([2, 24]))).toThrow(
    "reshape: [2, 24] has 48 elements, [2, 5, 5] has 50; the counts must be equal",
  );
});
