/** `galatea data`: the named data sets. */

import { fetchData, listData } from "../../../src/run/index.ts";
import type { Run } from "../context.ts";
import { dataOptions, watchedDataOptions } from "../data-source.ts";
import { listenForInterrupt } from "../interrupt.ts";
import type { dataGetCommand, dataListCommand } from "../options.ts";
import { createProgress } from "../progress.ts";
import { formatTable } from "../text.ts";

export const runDataList: Run<typeof dataListCommand> = async (_, { json }, context) => {
  const { stdout } = context;
  const listing = await listData(dataOptions(context));
  if (json) {
    stdout.write(`${JSON.stringify(listing)}\n`);
    return 0;
  }
  const rows = listing.flatMap(({ name, description, origin, present }) => [
    [name, description],
    ["", present ? `here: ${origin}` : `not here yet, would come from ${origin}`],
  ]);
  stdout.write(formatTable(rows, { width: stdout.columns ?? 100 }));
  return 0;
};

export const runDataGet: Run<typeof dataGetCommand> = async ({ name }, _, context) => {
  const { stdout, stderr, environment } = context;
  const progress = createProgress(stderr, { now: () => performance.now(), environment });
  const interrupt = listenForInterrupt(() => progress.end());
  try {
    const folder = await fetchData(name, watchedDataOptions(context, progress));
    progress.clear();
    stdout.write(`${folder}\n`);
    return 0;
  } finally {
    interrupt.end();
    progress.end();
  }
};
