/** `npm run bench`: times us against our peers: `npm run bench -- vae-step`. */

import { nodeForTools, runScript, runTypeScript, setup } from "./setup.mjs";

await runScript(async () => {
  await setup(nodeForTools);
  return runTypeScript("bench/main.ts", process.argv.slice(2));
});
