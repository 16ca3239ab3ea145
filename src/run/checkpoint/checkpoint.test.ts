import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Checkpoint,
  checkpointPath,
  listCheckpoints,
  loadNewestGood,
  pruneCheckpoints,
  readCheckpoint,
  setAside,
  writeCheckpoint,
} from "./checkpoint.ts";
import { encodeSafetensors } from "./safetensors.ts";

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "galatea-checkpoint-")), "checkpoints");
});
afterEach(() => {
  rmSync(join(folder, ".."), { recursive: true, force: true });
});

function example(step: number): Checkpoint {
  return {
    step,
    groups: {
      parameters: {
        "encoder.0.weight": { dtype: "float32", shape: [2, 2], data: new Float32Array([step, Number.NaN, -0, 1e-45]) },
        "encoder.0.bias": { dtype: "float32", shape: [2], data: new Float32Array([1, 2]) },
      },
      "parameters-average": {},
      optimizer: { count: { dtype: "int64", shape: [], data: new BigInt64Array([BigInt(step)]) } },
    },
    metadata: { seed: "7", note: 'quotes " and ü' },
  };
}

function flipByte(path: string, fromEnd: number): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - fromEnd] ^= 1;
  writeFileSync(path, bytes);
}

test("what was written comes back, empty groups too, under the name of its step", async () => {
  const path = await writeCheckpoint(folder, example(100));
  expect(path).toBe(join(folder, "step-00000100.safetensors"));
  expect(readdirSync(folder)).toEqual(["step-00000100.safetensors"]);
  expect(await readCheckpoint(path)).toEqual(example(100));
});

test("the same content gives the same bytes", async () => {
  const first = readFileSync(await writeCheckpoint(folder, example(1)));
  expect(readFileSync(await writeCheckpoint(folder, example(1)))).toEqual(first);
});

test("names that could not be told apart are refused", async () => {
  const wrong = { ...example(1), groups: { "a.b": {} } };
  await expect(writeCheckpoint(folder, wrong)).rejects.toThrow('a group cannot be called "a.b"');
  const reserved = { ...example(1), metadata: { "galatea.step": "9" } };
  await expect(writeCheckpoint(folder, reserved)).rejects.toThrow('the metadata key "galatea.step" is reserved');
});

describe("damage", () => {
  test("one flipped bit of a tensor is found by the hash", async () => {
    const path = await writeCheckpoint(folder, example(100));
    flipByte(path, 3);
    await expect(readCheckpoint(path)).rejects.toMatchObject({
      code: "checkpoint",
      message: `${path}: its content does not match its SHA-256; the file is damaged`,
    });
  });

  test("one flipped bit anywhere is found", async () => {
    const path = await writeCheckpoint(folder, example(5));
    const whole = readFileSync(path);
    const headerLength = Number(whole.readBigUInt64LE(0));
    const json = whole
      .subarray(8, 8 + headerLength)
      .toString("utf8")
      .trimEnd();
    for (let at = 0; at < whole.length; at++) {
      // Padding is not content, and of the spaces' bits most are no JSON, the rest is white space too.
      if (at >= 8 + Buffer.byteLength(json) && at < 8 + headerLength) continue;
      const changed = Buffer.from(whole);
      changed[at] ^= 1;
      writeFileSync(path, changed);
      await expect(readCheckpoint(path), `byte ${at}`).rejects.toMatchObject({ code: "checkpoint" });
    }
  });

  test("a renamed file and a foreign safetensors file are refused", async () => {
    const path = await writeCheckpoint(folder, example(100));
    renameSync(path, checkpointPath(folder, 200));
    await expect(readCheckpoint(checkpointPath(folder, 200))).rejects.toThrow("it holds step 100");
    const foreign = join(folder, "foreign.safetensors");
    writeFileSync(foreign, Buffer.concat(encodeSafetensors({})));
    await expect(readCheckpoint(foreign)).rejects.toThrow("not a checkpoint of this Galatea");
  });

  test("the newest good one is loaded, and what was skipped is told with its reason", async () => {
    for (const step of [100, 200, 300]) await writeCheckpoint(folder, example(step));
    flipByte(checkpointPath(folder, 200), 1);
    truncateSync(checkpointPath(folder, 300), 40);
    const loaded = await loadNewestGood(folder);
    expect(loaded.checkpoint).toEqual(example(100));
    expect(loaded.path).toBe(checkpointPath(folder, 100));
    expect(loaded.skipped.map(({ step }) => step)).toEqual([300, 200]);
    expect(loaded.skipped[0].reason).toMatch(/step-00000300.safetensors: the header ends at byte \d+ of a file of 40/);
    expect(loaded.skipped[1].reason).toMatch(/SHA-256/);
  });

  test("a damaged one set aside is no longer listed, so that pruning keeps the good ones", async () => {
    for (const step of [100, 200]) await writeCheckpoint(folder, example(step));
    flipByte(checkpointPath(folder, 200), 1);
    const { skipped } = await loadNewestGood(folder);
    expect(await setAside(skipped)).toEqual([`${checkpointPath(folder, 200)}.damaged`]);
    await writeCheckpoint(folder, example(150));
    await pruneCheckpoints(folder, 1);
    expect(readdirSync(folder).sort()).toEqual(["step-00000150.safetensors", "step-00000200.safetensors.damaged"]);
  });

  test("no checkpoint, and none that is readable, are errors", async () => {
    await expect(loadNewestGood(folder)).rejects.toMatchObject({
      code: "checkpoint",
      message: `${folder}: holds no checkpoint; there is nothing to go on from`,
    });
    for (const step of [1, 2]) truncateSync(await writeCheckpoint(folder, example(step)), 4);
    await expect(loadNewestGood(folder)).rejects.toMatchObject({
      code: "checkpoint",
      message: expect.stringMatching(/none of its 2 checkpoints can be read \(.*step-00000002.*4 bytes are too few/),
    });
    rmSync(checkpointPath(folder, 1));
    await expect(loadNewestGood(folder)).rejects.toThrow("its only checkpoint cannot be read");
  });
});

describe("listing and pruning", () => {
  test("sorted by step, other files left out, a missing folder is empty", async () => {
    expect(await listCheckpoints(folder)).toEqual([]);
    for (const step of [123456789, 20, 3]) await writeCheckpoint(folder, example(step));
    for (const name of ["step-3.safetensors", "notes.txt", ".step-00000004.safetensors.00000000.tmp"]) {
      writeFileSync(join(folder, name), "");
    }
    expect((await listCheckpoints(folder)).map(({ step }) => step)).toEqual([3, 20, 123456789]);
  });

  test("keeps the newest and the protected ones, and removes what a killed process left", async () => {
    for (const step of [1, 2, 3, 4, 5]) await writeCheckpoint(folder, example(step));
    writeFileSync(join(folder, ".step-00000006.safetensors.0123abcd.tmp"), "half");
    const removed = await pruneCheckpoints(folder, 2, [1]);
    expect(removed).toEqual([checkpointPath(folder, 2), checkpointPath(folder, 3)]);
    expect(readdirSync(folder).sort()).toEqual([1, 4, 5].map((step) => `step-0000000${step}.safetensors`));
    expect(await pruneCheckpoints(folder, 9)).toEqual([]);
    await expect(pruneCheckpoints(folder, 0)).rejects.toMatchObject({ code: "config" });
  });
});
