/** Where the runtime writes what it records, until it is read. */

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeNodes, GalateaError } from "../../core/index.ts";
import type { RecordFiles } from "./recording.ts";
import type { RecordPaths } from "./session-worker.ts";

const [graphFile, eventsPrefix] = ["graph.onnx", "events"];

/** A folder for the record of one session. */
export interface RecordFolder {
  readonly paths: RecordPaths;
  /** What was recorded, once the session has finished its record. */
  read(): Promise<RecordFiles>;
  remove(): Promise<void>;
}

/**
 * Makes a folder among the system's temporary files.
 * @throws GalateaError `storage` when it cannot be made.
 */
export async function createRecordFolder(): Promise<RecordFolder> {
  const above = tmpdir();
  const folder = await mkdtemp(join(above, "galatea-record-")).catch((cause: Error) => {
    const right = "TMPDIR names another folder for temporary files";
    throw new GalateaError("storage", above, `no folder can be made: ${cause.message}`, right, { cause });
  });
  return {
    paths: { graph: join(folder, graphFile), events: join(folder, eventsPrefix) },
    read: async () => {
      const events = (await readdir(folder)).find((name) => name.startsWith(eventsPrefix));
      if (events === undefined) throw new GalateaError("backend", folder, "the runtime wrote no record of its runs");
      return {
        optimized: decodeNodes(await readFile(join(folder, graphFile))),
        events: await readFile(join(folder, events), "utf8"),
      };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
