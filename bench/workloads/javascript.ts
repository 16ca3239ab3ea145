/** JavaScript libraries as peers: TensorFlow.js and jax-js, both on WebAssembly. */

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { readText } from "../record-file.ts";
import type { PeerOptions } from "./pytorch.ts";
import type { Peer } from "./workload.ts";

const folder = fileURLToPath(new URL("../peers", import.meta.url));

/** Which release of V8 brought an instruction that jax-js multiplies with; before it hides behind this flag. */
const relaxedSimd = Number(process.versions.node.split(".")[0]) < 21 ? ["--experimental-wasm-relaxed-simd"] : [];

const common = {
  command: process.execPath,
  install: "npm ci --ignore-scripts --prefix bench/peers",
  prepare: installPeers,
};

/** TensorFlow.js running `bench/peers/tfjs/<program>.mjs`. */
export function tfjsPeer(program: string, options: PeerOptions): Peer {
  return {
    name: "tfjs",
    ...common,
    args: [`${folder}/tfjs/peer.mjs`, program],
    note: "TensorFlow.js eager on its wasm backend with SIMD; on one thread, as it starts no others in Node",
    ...options,
  };
}

/** jax-js running `bench/peers/jax-js/<program>.mjs`. */
export function jaxPeer(program: string, options: PeerOptions): Peer {
  return {
    name: "jax-js",
    ...common,
    args: [...relaxedSimd, `${folder}/jax-js/peer.mjs`, program, "--threads", String(availableParallelism())],
    note:
      "jax-js on its wasm backend, the whole step under jit; with as many threads as we have, through a Worker " +
      "that the bench lends it, as Node has none, and with relaxed SIMD switched on",
    ...options,
  };
}

/** A peer that does not run a workload, and why. */
export function omitted(name: "tfjs" | "jax-js", reason: string): Peer {
  const idle = { bound: 5, warmUpSteps: 0, blocks: 0, stepsPerBlock: 0 };
  return { name, ...common, args: [], note: "", ...idle, omitted: reason };
}

/** Versions by place of the packages that a lock file in the peers' folder names; none where there is no file. */
async function versionsIn(file: string): Promise<Readonly<Record<string, string>>> {
  const text = await readText(`${folder}/${file}`);
  const packages = (text === "" ? {} : JSON.parse(text).packages) as Record<
    string,
    { version: string; optional?: true }
  >;
  const installed = Object.entries(packages).filter(([path, { optional }]) => path !== "" && !optional);
  return Object.fromEntries(installed.map(([path, { version }]) => [path, version]));
}

/** Installs what bench/peers/package-lock.json names, unless it is there. */
async function installPeers(): Promise<void> {
  const [wanted, found] = await Promise.all(["package-lock.json", "node_modules/.package-lock.json"].map(versionsIn));
  if (Object.entries(wanted).every(([path, version]) => found[path] === version)) return;
  console.error("installing the JavaScript peers into bench/peers (about 300 MB) ...");
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const child = spawn("npm", args, { cwd: folder, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  const code = await new Promise((resolve) => child.on("error", resolve).on("close", resolve));
  if (code !== 0) throw new Error(`the JavaScript peers could not be installed (${code}); npm's message is above`);
}
