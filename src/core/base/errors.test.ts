import { expect, test } from "vitest";
import { GalateaError } from "./errors.ts";

test("an error reads: where, what is wrong, what would be right", () => {
  const cause = new Error("below");
  const error = new GalateaError("shape", "decoder", "it is flat", "it must be round", { cause });
  expect(error.message).toBe("decoder: it is flat; it must be round");
  expect(error).toMatchObject({ name: "GalateaError", code: "shape", where: "decoder", cause });
  expect(error).toBeInstanceOf(Error);
});

test("where and what would be right may be unknown", () => {
  expect(new GalateaError("usage", "", "it is flat").message).toBe("it is flat");
  expect(new GalateaError("usage", "", "it is flat", "make it round").message).toBe("it is flat; make it round");
});
