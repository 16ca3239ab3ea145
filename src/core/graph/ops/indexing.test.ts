import { describe, expect, test } from "vitest";
import { floatOf, refused, typedValue } from "../../../../test/graph/refused.ts";
import { emitValue } from "../node.ts";

const int = (...shape: number[]) => typedValue("int64", ...shape);

describe("takeAlongAxis refuses", () => {
  refused("takeAlongAxis", [floatOf(2), floatOf(2)], { axis: 0 }, "its index is float32; it must be int32 or int64");
  refused("takeAlongAxis", [floatOf(2), int(2)], { axis: 1 }, "axis 1 is outside [2]; it counts from 0 here");
  const right = "all other sizes must be equal";
  refused("takeAlongAxis", [floatOf(2, 3), int(3)], { axis: 1 }, `indices [3] for [2, 3] along axis 1; ${right}`);
  refused("takeAlongAxis", [floatOf(2, 3), int(1, 3)], { axis: 1 }, `indices [1, 3] for [2, 3] along axis 1; ${right}`);
});

describe("scatterAddAlongAxis refuses", () => {
  const attrs = { axis: 0, size: 4 };
  refused("scatterAddAlongAxis", [int(2), int(2)], attrs, "its update is int64; it must be float32");
  refused("scatterAddAlongAxis", [floatOf(2), floatOf(2)], attrs, "its index is float32; it must be int32 or int64");
  refused(
    "scatterAddAlongAxis",
    [floatOf(2, 3), int(2, 1)],
    attrs,
    "updates [2, 3] for indices [2, 1]; their shapes must be equal",
  );
  refused("scatterAddAlongAxis", [floatOf(), int()], attrs, "axis 0 is outside []; it counts from 0 here");
});

describe("dynamicSlice refuses", () => {
  const attrs = { axis: 1, size: 2 };
  refused("dynamicSlice", [floatOf(2, 3), floatOf()], attrs, "its start is float32; it must be int32 or int64");
  refused("dynamicSlice", [floatOf(2, 3), int(1)], attrs, "its start has shape [1]; it must be a scalar");
  refused(
    "dynamicSlice",
    [floatOf(2, 3), int()],
    { axis: 1, size: 4 },
    "4 elements along axis 1 of [2, 3]; it has fewer",
  );
  refused("dynamicSlice", [floatOf(2), int()], attrs, "axis 1 is outside [2]; it counts from 0 here");
  refused(
    "dynamicSlice",
    [floatOf(2, 3), int()],
    { axis: 1, size: -1 },
    "its result would have shape [2, -1]; sizes are whole numbers from 0 up",
  );
});

describe("dynamicUpdateSlice refuses", () => {
  const attrs = { axis: 1 };
  refused(
    "dynamicUpdateSlice",
    [floatOf(2, 3), floatOf(1, 3), int()],
    attrs,
    "an update [1, 3] for [2, 3] along axis 1; all other sizes must be equal",
  );
  refused(
    "dynamicUpdateSlice",
    [floatOf(2, 3), floatOf(2, 4), int()],
    attrs,
    "4 elements along axis 1 of [2, 3]; it has fewer",
  );
  refused(
    "dynamicUpdateSlice",
    [floatOf(2, 3), int(2, 1), int()],
    attrs,
    "types differ, float32 and int64; cast one of them",
  );
  refused(
    "dynamicUpdateSlice",
    [floatOf(2, 3), floatOf(2, 1), int(1)],
    attrs,
    "its start has shape [1]; it must be a scalar",
  );
});

test("shapes", () => {
  expect(emitValue("takeAlongAxis", [floatOf(2, 3), int(2, 7)], { axis: 1 }).shape).toEqual([2, 7]);
  expect(emitValue("scatterAddAlongAxis", [floatOf(2, 7), int(2, 7)], { axis: 1, size: 3 }).shape).toEqual([2, 3]);
  expect(emitValue("dynamicSlice", [floatOf(2, 3), int()], { axis: 1, size: 2 }).shape).toEqual([2, 2]);
  const updated = emitValue("dynamicUpdateSlice", [typedValue("bool", 2, 3), typedValue("bool", 2, 1), int()], {
    axis: 1,
  });
  expect(updated).toMatchObject({ dtype: "bool", shape: [2, 3] });
});
