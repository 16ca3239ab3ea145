/** `npm run build`: brings dist/ up to date; fails on type errors. */

import { readBuild, root, runScript, say, setup } from "./setup.mjs";

await runScript(async () => {
  const { fresh } = readBuild(root);
  const typesOk = await setup();
  if (fresh)
    say(typesOk ? "dist/ is up to date" : "dist/ is up to date, but has type errors: npm run check lists them");
  return typesOk ? 0 : 1;
});
