import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { crc32c, openEventsLog } from "./tensorboard.ts";

const root = mkdtempSync(join(tmpdir(), "galatea-tensorboard-"));
afterAll(() => rmSync(root, { recursive: true }));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(root, "run-"));
});

/** Bit by bit, unlike the code under test. */
function slowCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

/** The data of each record; checks lengths and both checksums. */
function recordsOf(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(unmask(bytes.readUInt32LE(at + 8))).toBe(slowCrc32c(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(data.length).toBe(length);
    expect(unmask(bytes.readUInt32LE(at + 12 + length))).toBe(slowCrc32c(data));
    records.push(data);
    at += 16 + length;
  }
  return records;
}

type Field = readonly [id: number, value: number | Buffer];

/** The fields of a protobuf message as they lie there: varints, float, double, and bytes. */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const id = key >>> 3;
    if ((key & 7) === 0) fields.push([id, varint()]);
    else if ((key & 7) === 1) fields.push([id, take(8).readDoubleLE()]);
    else if ((key & 7) === 2) fields.push([id, take(varint())]);
    else if ((key & 7) === 5) fields.push([id, take(4).readFloatLE()]);
    else throw new Error(`wire type ${key & 7}`);
  }
  return fields;
}

/** An event in words: its values by tag, else its version or status. */
function eventOf(data: Buffer): Record<string, unknown> {
  const event = Object.fromEntries(fieldsOf(data));
  const [time, step, version, summary, session] = [1, 2, 3, 5, 7].map((id) => event[id]);
  const values = summary === undefined ? [] : fieldsOf(summary as Buffer).map(([, value]) => fieldsOf(value as Buffer));
  return {
    time,
    ...(step !== undefined && { step }),
    ...(version !== undefined && { version: String(version) }),
    ...(session !== undefined && { status: fieldsOf(session as Buffer) }),
    ...(summary !== undefined && { values: Object.fromEntries(values.map(([[, tag], [, value]]) => [tag, value])) }),
  };
}

const eventFiles = (): string[] => readdirSync(directory).sort();
const eventsIn = (name: string): Record<string, unknown>[] =>
  recordsOf(readFileSync(join(directory, name))).map(eventOf);
const clock = (): number => 1_700_000_000_500;

/** What TensorBoard shows of `tag`: files by name; a START that is not the first drops its step and later ones. */
function shown(tag: string): [step: number, value: number][] {
  let points: [number, number][] = [];
  let started = false;
  for (const { step, status, values } of eventFiles().flatMap(eventsIn)) {
    if (status !== undefined && started) points = points.filter(([at]) => at < (step as number));
    started ||= status !== undefined;
    const value = (values as Record<string, number> | undefined)?.[tag];
    if (value !== undefined) points.push([step as number, value]);
  }
  return points;
}

test("the checksum's known answer", () => {
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(0))).toBe(0);
  // 32 bytes of zeros, of ones, and counting: RFC 3720, B.4.
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
});

describe("a new run", () => {
  test("writes version, start and values, with the time of each", async () => {
    let ms = 1_700_000_000_500;
    const log = await openEventsLog(directory, 0, () => ms);
    log.append(1, "train", { loss: 543.25, kl: 0.5 });
    ms += 2000;
    log.append(1, "validation", { negativeElbo: 540 });
    await log.flush();
    ms += 1000;
    log.append(1_000_000_000, "train", { loss: -3 });
    await log.close();
    expect(eventFiles()).toEqual(["events.out.tfevents.1700000000.galatea"]);
    expect(eventsIn("events.out.tfevents.1700000000.galatea")).toEqual([
      { time: 1_700_000_000.5, version: "brain.Event:2" },
      { time: 1_700_000_000.5, step: 1, status: [[1, 1]] },
      { time: 1_700_000_000.5, step: 1, values: { "train/loss": 543.25, "train/kl": 0.5 } },
      { time: 1_700_000_002.5, step: 1, values: { "validation/negativeElbo": 540 } },
      { time: 1_700_000_003.5, step: 1_000_000_000, values: { "train/loss": -3 } },
    ]);
  });

  test("keeps NaN and infinities, and names beyond ASCII", async () => {
    const log = await openEventsLog(directory, 0, clock);
    const values = { loss: Number.NaN, kl: Number.POSITIVE_INFINITY, β: Number.NEGATIVE_INFINITY };
    log.append(7, "train", values);
    await log.close();
    expect(eventsIn(eventFiles()[0])[2].values).toEqual({
      "train/loss": Number.NaN,
      "train/kl": Number.POSITIVE_INFINITY,
      "train/β": Number.NEGATIVE_INFINITY,
    });
  });

  test("leaves no file when nothing was appended", async () => {
    const log = await openEventsLog(directory, 40, clock);
    log.append(40, "validation", {});
    await log.flush();
    await log.close();
    expect(eventFiles()).toEqual([]);
  });
});

describe("a run that goes on", () => {
  async function write(fromStep: number, steps: readonly number[], value: number, now = clock): Promise<void> {
    const log = await openEventsLog(directory, fromStep, now);
    for (const step of steps) log.append(step, "train", { loss: value + step });
    await log.close();
  }

  test("drops what was written beyond the checkpoint, and keeps what was before", async () => {
    await write(0, [1, 10, 20, 25], 100);
    await write(20, [30], 200);
    expect(eventsIn(eventFiles()[1]).slice(0, 2)).toMatchObject([{ version: "brain.Event:2" }, { step: 21 }]);
    expect(shown("train/loss")).toEqual([
      [1, 101],
      [10, 110],
      [20, 120],
      [30, 230],
    ]);
    // Killed again, before its next checkpoint.
    await write(20, [30, 40], 300);
    expect(shown("train/loss").slice(3)).toEqual([
      [30, 330],
      [40, 340],
    ]);
  });

  test("names its file after the others, in the same second and when the clock went back", async () => {
    await write(0, [1], 0);
    await write(1, [2], 0);
    await write(2, [3], 0, () => 5000);
    expect(eventFiles()).toEqual([0, 1, 2].map((i) => `events.out.tfevents.170000000${i}.galatea`));
  });

  test("is not disturbed by a record that was cut off", async () => {
    await write(0, [1, 10], 0);
    const [first] = eventFiles();
    const bytes = readFileSync(join(directory, first));
    writeFileSync(join(directory, first), bytes.subarray(0, bytes.length - 5));
    await write(0, [1], 0);
    expect(eventsIn(eventFiles()[1])).toHaveLength(3);
  });
});

describe("failures", () => {
  test("a folder that is not there", async () => {
    const missing = join(directory, "missing");
    await expect(openEventsLog(missing, 0, clock)).rejects.toMatchObject({
      code: "storage",
      message: expect.stringContaining(`${missing}: cannot be read: it does not exist (ENOENT)`),
    });
  });

  test("a folder that goes away", async () => {
    const log = await openEventsLog(directory, 0, clock);
    log.append(1, "train", { loss: 1 });
    rmSync(directory, { recursive: true });
    await expect(log.flush()).rejects.toMatchObject({
      code: "storage",
      message: expect.stringContaining("events.out.tfevents.1700000000.galatea: cannot be written: it does not exist"),
    });
    await log.close();
  });
});
