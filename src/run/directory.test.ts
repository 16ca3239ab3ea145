import { expect, test } from "vitest";
import { type RunRecord, requireSameRun } from "./directory.ts";

const vocabulary = { size: 258, begin: 128, end: 256, pad: 257 };
const record = {
  galatea: "0.0.0",
  preset: "sound/wavenet",
  data: {
    source: "here",
    name: "calls train",
    train: 10,
    validation: 2,
    test: 2,
    fields: { tokens: { dtype: "int32", shape: [9] } },
    vocabularies: { tokens: vocabulary },
  },
  config: { seed: 0, steps: 10 },
  backend: "onnxruntime-cpu",
  threads: 1,
} as unknown as RunRecord;

test("a run is the same whatever the order its record names things in, and whatever folder the data lie in", () => {
  const tokens = { pad: 257, end: 256, begin: 128, size: 258, unknown: undefined };
  const read = { ...record, data: { ...record.data, source: "there", vocabularies: { tokens } } } as RunRecord;
  expect(() => requireSameRun("run", record, read)).not.toThrow();
});

test("each difference is told", () => {
  const data = { ...record.data, train: 11, vocabularies: { tokens: { ...vocabulary, size: 130 } } };
  const other = { ...record, data, config: { seed: 0, steps: 20, momentum: 0.9 } } as unknown as RunRecord;
  expect(() => requireSameRun("run", record, other)).toThrow("data.train was 10 and is now 11");
  expect(() => requireSameRun("run", record, other)).toThrow('is now {"tokens":{"size":130,');
  expect(() => requireSameRun("run", record, other)).toThrow("steps was 10 and is now 20, momentum was undefined");
});
