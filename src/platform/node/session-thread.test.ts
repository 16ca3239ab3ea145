import { expect, test } from "vitest";
import { SessionThread } from "./session-thread.ts";

const create = { kind: "create", session: 0, inputs: [], outputs: [], threads: 1 } as const;

test("a model that is none is refused with the program's name, and the thread goes on", async () => {
  const thread = new SessionThread();
  for (const model of [Uint8Array.of(1, 2, 3), new Uint8Array(0)]) {
    await expect(thread.request({ ...create, model }, "nonsense")).rejects.toMatchObject({
      name: "GalateaError",
      code: "backend",
      where: "nonsense",
    });
  }
  await expect(thread.request({ kind: "release", session: 7 }, "nothing")).rejects.toThrow(
    "nothing: session 7 does not exist or was released",
  );
  await thread.close();
  await expect(thread.request({ kind: "release", session: 7 }, "late")).rejects.toThrow(
    "late: the backend was disposed",
  );
});

test("what is done between requests keeps its place among them", async () => {
  const thread = new SessionThread();
  const order: string[] = [];
  const ask = (name: string): Promise<unknown> =>
    thread.request({ kind: "release", session: 0 }, name).catch(() => order.push(name));
  const between = (name: string): Promise<unknown> => thread.between(() => order.push(name));
  expect(thread.isIdle).toBe(true);
  await Promise.all([between("a"), ask("b"), between("c"), between("d"), ask("e"), ask("f"), between("g"), ask("h")]);
  expect(order).toEqual(["a", "b", "c", "d", "e", "f", "g", "h"]);
  await expect(
    thread.between(() => {
      throw new Error("broken");
    }),
  ).rejects.toThrow("broken");
  expect(thread.isIdle).toBe(true);
  await thread.close();
});
