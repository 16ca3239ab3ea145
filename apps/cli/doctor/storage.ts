/** Data sets, and room for runs. */

import { access, constants, statfs } from "node:fs/promises";
import { resolve } from "node:path";
import { listData } from "../../../src/run/data/index.ts";
import { dataOptions } from "../data-source.ts";
import { formatBytes } from "../text.ts";
import type { Check } from "./check.ts";

/** A run with its checkpoints and pictures takes some tens of megabytes. */
const comfortableBytes = 1e9;

export const checkData: Check = {
  name: "data",
  run: async (context) => {
    const folder = context.environment.GALATEA_DATA;
    const listing = await listData(dataOptions(context));
    return [
      { name: "GALATEA_DATA", health: "info", detail: folder === undefined ? "not set" : resolve(folder) },
      ...listing.map(({ name, origin, present }) => ({
        name: `data ${name}`,
        health: present ? ("ok" as const) : ("info" as const),
        detail: present ? origin : `not here yet, would come from ${origin}`,
      })),
    ];
  },
};

export const checkDisk: Check = {
  name: "disk",
  run: async () => {
    const folder = process.cwd();
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const writable = await access(folder, constants.W_OK).then(
      () => true,
      () => false,
    );
    const room = `${formatBytes(free)} free in ${folder}`;
    if (!writable) return [{ name: "disk", health: "warn", detail: `${room}, which you may not write`, value: free }];
    return [{ name: "disk", health: free < comfortableBytes ? "warn" : "ok", detail: room, value: free }];
  },
};
