import { expect, test } from "vitest";
import { type ErrorCode, GalateaError } from "../../src/core/base/index.ts";
import { describeFailure } from "./failure.ts";

test.each([
  ["usage", 2],
  ["config", 2],
  ["data", 1],
  ["checkpoint", 1],
  ["diverged", 1],
  ["storage", 1],
  ["backend", 1],
  ["shape", 1],
  ["internal", 1],
] as [ErrorCode, number][])("%s ends with exit code %d", (code, exitCode) => {
  expect(describeFailure(new GalateaError(code, "here", "it is wrong", "do right"))).toEqual({
    code,
    reason: "here: it is wrong; do right",
    message: "here: it is wrong; do right",
    exitCode,
  });
});

test("a message of several lines becomes one", () => {
  expect(describeFailure(new GalateaError("backend", "step", "refused:\n  node 3\n  node 4\n")).message).toBe(
    "step: refused: node 3 node 4",
  );
});

test("what we did not expect comes with advice", () => {
  expect(describeFailure(new TypeError("x is not a function"))).toMatchObject({
    code: "internal",
    exitCode: 1,
    message: expect.stringMatching(/^x is not a function; `galatea doctor`.*--debug/),
  });
  expect(describeFailure("thrown").message).toContain("thrown");
});
