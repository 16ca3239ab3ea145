/** `npm start`: trains the first model, `digits/vae`, into a new folder runs/first-light. What follows `--`
 * goes to `galatea train`; with `--resume` the newest of these runs goes on. */

import { join, relative } from "node:path";
import { root, runNames, say } from "./setup.mjs";

const extra = process.argv.slice(2);
const args = ["train", "digits/vae", ...outOption(), ...extra];
say(`galatea ${args.join(" ")}`);
// The launcher sets up and runs the command in this process, so that Ctrl-C and the exit code are its own.
process.argv = [process.execPath, join(root, "bin/galatea.mjs"), ...args];
await import("../bin/galatea.mjs");

function outOption() {
  if (extra.some((arg) => arg === "--out" || arg.startsWith("--out="))) return [];
  const runs = join(root, "runs");
  const { free, newest } = runNames(runs, "first-light");
  const resumed = extra.includes("--resume") ? newest : undefined;
  if (newest && !resumed) say(`runs/${newest} exists, so this run goes to runs/${free}`);
  return ["--out", relative(process.cwd(), join(runs, resumed ?? free))];
}
