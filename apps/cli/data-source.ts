/** Data sets as the command line finds them: named by the user, in the folders that the environment names. */

import { homedir } from "node:os";
import { resolve } from "node:path";
import { type DataOptions, type DataSplits, defaultCacheFolder, resolveData } from "../../src/run/data/index.ts";
import type { CommandContext } from "./context.ts";
import type { Progress } from "./progress.ts";

/** Where named data sets are looked for. */
export function dataOptions({ environment }: CommandContext): DataOptions {
  const dataFolder = environment.GALATEA_DATA;
  return { cacheFolder: defaultCacheFolder(environment, homedir()), ...(dataFolder && { dataFolder }) };
}

/** The options, with what is read or fetched shown as progress. */
export function watchedDataOptions(context: CommandContext, progress: Progress): DataOptions {
  return {
    ...dataOptions(context),
    onProgress: (done, total, unit) => {
      if (unit === "images") progress.show({ task: "reading images", done, total });
      else progress.show({ task: "fetching kB", done: Math.round(done / 1000), total: Math.round(total / 1000) });
    },
  };
}

/**
 * Loads a data set.
 * @param source name or path
 * @param reading how it is read, where there are several ways
 */
export async function loadData(
  source: string,
  context: CommandContext,
  progress: Progress,
  reading: DataOptions["reading"] = {},
): Promise<DataSplits> {
  const data = await resolveData(source, { ...watchedDataOptions(context, progress), reading });
  progress.clear();
  return data;
}

/** A note or warning as a line: data sets mark their own warnings. */
export function warningLine(message: string): string {
  return message.startsWith("warning: ") ? message : `warning: ${message}`;
}

/** A path in a form that is right from every folder; names of data sets, which have no slash, stay. */
export function absoluteSource(source: string, folder = "."): string {
  return /[\\/]/.test(source) ? resolve(folder, source) : source;
}
