/** `npm test`: the checks, then the tests. What follows `--` goes to vitest: `npm test -- src/core`. The last
 * line counts both: `N passed, N failed`. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runChecks } from "./check.mjs";
import { nodeForTools, runScript, runTool, setup } from "./setup.mjs";

await runScript(async () => {
  await setup(nodeForTools);
  const checks = await runChecks();
  const tests = await runTests(process.argv.slice(2));
  const failed = checks.failed + tests.failed;
  process.stdout.write(`${checks.passed + tests.passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
});

/** @param {string[]} args */
async function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), "galatea-test-"));
  const report = join(folder, "vitest.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  try {
    const code = await runTool("vitest", ["run", ...reporters, ...args]);
    const { passed, failed } = existsSync(report) ? countTests(readFileSync(report, "utf8")) : { passed: 0, failed: 0 };
    // vitest also fails on what is no test's: an error outside of tests, or no test found.
    return { passed, failed: code !== 0 && failed === 0 ? 1 : failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} report vitest's JSON; a file that failed to load counts as one failed test */
function countTests(report) {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(report);
  /** @type {{ status: string, assertionResults: unknown[] }[]} */
  const files = testResults;
  const unloaded = files.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  return { passed: numPassedTests, failed: numFailedTests + unloaded.length };
}
