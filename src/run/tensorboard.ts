/** TensorBoard event files: the numbers of metrics.jsonl once more, with times, for `tensorboard --logdir`.
 *
 * A file is a sequence of TFRecords, each a protobuf Event. It begins with its version and a START mark, at
 * which TensorBoard drops what an earlier file of the run says of this step and later ones. */

import { type FileHandle, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import protobuf from "protobufjs/light.js";
import { fileError } from "./files.ts";
import type { MetricsLog } from "./metrics-log.ts";

const field = (id: number, type: string): protobuf.IField => ({ id, type });

/** The part of TensorFlow's event.proto and summary.proto that is written; field numbers are theirs. */
const eventMessage = protobuf.Root.fromJSON({
  nested: {
    Value: { fields: { tag: field(1, "string"), simpleValue: field(2, "float") } },
    Summary: { fields: { value: { ...field(1, "Value"), rule: "repeated" } } },
    SessionLog: { fields: { status: field(1, "int32") } },
    Event: {
      fields: {
        wallTime: field(1, "double"),
        step: field(2, "int64"),
        fileVersion: field(3, "string"),
        summary: field(5, "Summary"),
        sessionLog: field(7, "SessionLog"),
      },
    },
  },
}).lookupType("Event");

interface Event {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step?: number;
  readonly fileVersion?: string;
  readonly summary?: { readonly value: readonly { readonly tag: string; readonly simpleValue: number }[] };
  readonly sessionLog?: { readonly status: number };
}

/** SessionLog.SessionStatus. */
const sessionStart = 1;

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  return crc;
});

/**
 * CRC-32C (Castagnoli) of bytes.
 *
 * Written by hand: of the packages, `crc-32` has no types for it, `@aws-crypto/crc32c` brings seven others
 * and `@node-rs/crc32` is native code.
 */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
}

/** As TFRecord keeps checksums: rotated and shifted, so that the checksum of a checksum means something. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** A TFRecord: length, its checksum, the event, its checksum; little-endian. */
function toRecord(event: Event): Uint8Array {
  const data = eventMessage.encode(event).finish();
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return record;
}

/** A name that sorts after those that are there, as TensorBoard reads files by name, whatever the clock says. */
async function nextName(directory: string, seconds: number): Promise<string> {
  let latest = 0;
  try {
    for (const name of await readdir(directory)) {
      const match = /^events\.out\.tfevents\.(\d+)\./.exec(name);
      if (match) latest = Math.max(latest, Number(match[1]));
    }
  } catch (cause) {
    throw fileError("storage", directory, "read", cause);
  }
  const number = Math.max(Math.floor(seconds), latest + 1);
  // Where others name the machine: a run directory is passed on, and whose machine made it is nobody's business.
  return `events.out.tfevents.${String(number).padStart(10, "0")}.galatea`;
}

/**
 * Opens an event log beside those that earlier starts of the run wrote. Its file appears with the first
 * `flush` of something.
 * @param fromStep steps that the run has done
 * @param now wall clock, in milliseconds since 1970
 * @throws GalateaError `storage` when the directory cannot be read, or later the file not be written.
 */
export async function openEventsLog(directory: string, fromStep: number, now: () => number): Promise<MetricsLog> {
  const seconds = (): number => now() / 1000;
  const start = seconds();
  const path = join(directory, await nextName(directory, start));
  const head: readonly Event[] = [
    { wallTime: start, fileVersion: "brain.Event:2" },
    // In a new run too: TensorBoard takes the first mark of a run for its beginning, and purges at later ones.
    { wallTime: start, step: fromStep + 1, sessionLog: { status: sessionStart } },
  ];
  let file: FileHandle | undefined;
  let pending: Uint8Array[] = [];
  const flush = async (): Promise<void> => {
    if (pending.length === 0) return;
    const records = file ? pending : [...head.map(toRecord), ...pending];
    pending = [];
    try {
      file ??= await open(path, "a");
      await file.appendFile(Buffer.concat(records));
      await file.sync();
    } catch (cause) {
      throw fileError("storage", path, "written", cause);
    }
  };
  return {
    append: (step, split, metrics) => {
      const value = Object.entries(metrics).map(([name, number]) => ({ tag: `${split}/${name}`, simpleValue: number }));
      if (value.length > 0) pending.push(toRecord({ wallTime: seconds(), step, summary: { value } }));
    },
    flush,
    close: async () => {
      try {
        await flush();
      } finally {
        await file?.close();
      }
    },
  };
}
