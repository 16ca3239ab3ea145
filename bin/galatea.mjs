#!/usr/bin/env node
/** The command `galatea`. In a checkout it first makes sure that dist/ is what the sources say, which takes
 * a few milliseconds when it is; a published package holds dist/ and no scripts. */

import { existsSync } from "node:fs";

const setupScript = new URL("../scripts/setup.mjs", import.meta.url);
const commandLine = new URL("../dist/apps/cli/main.js", import.meta.url);

if (existsSync(setupScript)) {
  const { runScript, setup } = await import(setupScript.href);
  await runScript(async () => {
    await setup();
    await import(commandLine.href);
  });
} else {
  await import(commandLine.href);
}
