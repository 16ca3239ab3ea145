/** `npm run verify`: measures rows of published tables: `npm run verify -- vae-mnist`. */

import { nodeForTools, runScript, runTypeScript, setup } from "./setup.mjs";

await runScript(async () => {
  await setup(nodeForTools);
  return runTypeScript("bench/verify.ts", process.argv.slice(2));
});
