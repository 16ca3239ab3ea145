import { expect, test } from "vitest";
import { keyFromSeed } from "../../core/base/index.ts";
import { constantKey, ones, zeros } from "../../core/trace/index.ts";
import { evaluationContext, subcontext, trainingContext } from "./context.ts";

test("what is registered is current, through subcontexts too", () => {
  const context = trainingContext(constantKey(keyFromSeed(0)));
  const [parameter, next, last] = [zeros([2]), ones([2]), zeros([2])];
  expect(context.current(parameter)).toBe(parameter);
  subcontext(context, 3).update(parameter, next);
  expect(context.current(parameter)).toBe(next);
  expect(subcontext(context, 4).current(parameter)).toBe(next);
  context.update(parameter, last);
  expect([...context.updates]).toEqual([[parameter, last]]);
});

test("a context without a key has subcontexts without one", () => {
  expect(subcontext(trainingContext(), 1)).not.toHaveProperty("key");
  expect(subcontext(evaluationContext(), 1)).not.toHaveProperty("key");
  expect(subcontext(trainingContext(constantKey(keyFromSeed(0))), 1).key?.shape).toEqual([2]);
});

test("training and evaluation are told apart", () => {
  expect([trainingContext().training, evaluationContext().training]).toEqual([true, false]);
  expect(subcontext(trainingContext(), 0).training).toBe(true);
});
