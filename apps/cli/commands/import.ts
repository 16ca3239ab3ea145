/** `galatea import`: a model that others have trained, as a run. */

import { importGpt2 } from "../../../src/run/index.ts";
import type { Run } from "../context.ts";
import type { importCommand } from "../options.ts";
import { formatCount } from "../text.ts";

export const runImport: Run<typeof importCommand> = async ({ folder }, { out }, { stdout }) => {
  const { directory, parameterCount } = await importGpt2(folder, out ?? "runs/gpt2");
  stdout.write(`${formatCount(parameterCount)} parameters in ${directory}\n\nTry next:\n`);
  stdout.write(`  npx galatea sample ${directory} -n 1 --condition "text=The"\n`);
  return 0;
};
