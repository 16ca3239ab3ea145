/** A training step in jax-js on its wasm backend: `peer.mjs <workload> --threads N`. */

import "./web-worker.mjs";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { defaultDevice, init } from "@jax-js/jax";
import { serve, sizesOf } from "../serve.mjs";

const workload = process.argv[2];
await init("wasm");
defaultDevice("wasm");
const { build } = await import(`./${workload}.mjs`);
await serve({ "jax-js": `${version()} (wasm)` }, () => build(sizesOf(workload)));

/** The package does not export its package.json. */
function version() {
  const entry = createRequire(import.meta.url).resolve("@jax-js/jax");
  return JSON.parse(readFileSync(join(dirname(entry), "..", "package.json"), "utf8")).version;
}
