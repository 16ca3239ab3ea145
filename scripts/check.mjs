/** `npm run check`: what can be said about the code without running it. `npm run format` repairs what the
 * first check finds. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { isMain, nodeForTools, root, runScript, runTool, say, setup } from "./setup.mjs";

const typesRecord = join(root, "node_modules/.cache/galatea/types.tsbuildinfo");
const codeFolders = ["src", "apps", "test", "bench", "examples", "scripts", "bin"];

/** Each check with the tools that must all exit with 0. */
const checks = [
  { name: "format and lint", runs: [() => runTool("biome", ["check", "--error-on-warnings", "."])] },
  {
    name: "types",
    runs: [
      () => runTool("tsc", ["-p", "tsconfig.json", "--incremental", "--tsBuildInfoFile", typesRecord]),
      () => runTool("tsc", ["-p", "scripts/tsconfig.json"]),
    ],
  },
  {
    name: "imports",
    runs: [
      () => {
        const folders = codeFolders.filter((folder) => existsSync(join(root, folder)));
        return runTool("depcruise", ["--config", "dependency-cruiser.config.mjs", ...folders]);
      },
    ],
  },
];

/** @returns {Promise<{ passed: number, failed: number }>} */
export async function runChecks() {
  const counts = { passed: 0, failed: 0 };
  for (const { name, runs } of checks) {
    const started = performance.now();
    let ok = true;
    for (const run of runs) ok = (await run()) === 0 && ok;
    counts[ok ? "passed" : "failed"]++;
    say(`${ok ? "passed" : "FAILED"}: ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  }
  return counts;
}

if (isMain(import.meta.url)) {
  await runScript(async () => {
    await setup(nodeForTools);
    return (await runChecks()).failed === 0 ? 0 : 1;
  });
}
