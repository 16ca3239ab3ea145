/** Data sets, and room for runs. */

import { access, constants, statfs } from "node:fs/promises";
import { resolve } from "node:path";
import { listData } from "../../../src/run/data/index.ts";
import type { CommandContext } from "../context.ts";
import { dataOptions } from "../data-source.ts";
import { formatBytes } from "../text.ts";
import type { Finding } from "./check.ts";

/** A run with its checkpoints and pictures takes some tens of megabytes. */
const comfortableBytes = 1e9;

/** The named data sets, and where each is. */
export async function checkData(context: CommandContext): Promise<Finding[]> {
  const folder = context.environment.GALATEA_DATA;
  const listing = await listData(dataOptions(context));
  return [
    { name: "GALATEA_DATA", health: "info", detail: folder === undefined ? "not set" : resolve(folder) },
    ...listing.map(({ name, origin, present }): Finding => {
      const detail = present ? origin : `not here yet, would come from ${origin}`;
      return { name: `data ${name}`, health: present ? "ok" : "info", detail };
    }),
  ];
}

/** Room for runs in the folder that we are in. */
export async function checkDisk(): Promise<Finding[]> {
  const folder = process.cwd();
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const room = `${formatBytes(free)} free in ${folder}`;
  const writable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) return [{ name: "disk", health: "warn", detail: `${room}, which you may not write`, value: free }];
  return [{ name: "disk", health: free < comfortableBytes ? "warn" : "ok", detail: room, value: free }];
}
