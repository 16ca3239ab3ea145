/** Node, the machine, and the packages that Galatea stands on. */

import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, freemem, release, totalmem, type } from "node:os";
import { formatBytes } from "../text.ts";
import type { Finding } from "./check.ts";

/** Training the first preset takes less than half of this. */
const comfortableBytes = 1e9;

/** Node, the system, the processor and the memory. */
export function checkMachine(): Finding[] {
  const cores = availableParallelism();
  const model = cpus()[0]?.model.trim() || "unknown processor";
  const [free, total] = [freemem(), totalmem()];
  return [
    nodeFinding(),
    { name: "system", health: "ok", detail: `${type()} ${release()}, ${arch()}` },
    { name: "processor", health: "ok", detail: `${model}, ${cores} ${cores === 1 ? "core" : "cores"}`, value: cores },
    {
      name: "memory",
      health: free < comfortableBytes ? "warn" : "ok",
      detail: `${formatBytes(free)} free of ${formatBytes(total)}`,
      value: free,
    },
  ];
}

function nodeFinding(): Finding {
  const up = import.meta.url.endsWith(".ts") ? "../../.." : "../../../..";
  const text = readFileSync(new URL(`${up}/package.json`, import.meta.url), "utf8");
  const { engines } = JSON.parse(text) as { engines: { node: string } };
  const wanted = engines.node.replace(/^>=/, "");
  const have = process.versions.node;
  const ok = isAtLeast(have, wanted);
  return { name: "Node", health: ok ? "ok" : "fail", detail: ok ? have : `${have}; install ${wanted} or newer` };
}

/** Whether one dotted version is not below another. */
function isAtLeast(have: string, wanted: string): boolean {
  const [a, b] = [have, wanted].map((version) => version.split(".").map(Number));
  const at = b.findIndex((part, index) => part !== a[index]);
  return at < 0 || a[at] > b[at];
}

/** The image library: a PNG written and read back. */
export async function checkImages(): Promise<Finding[]> {
  const { default: sharp } = await import("sharp");
  const pixels = Uint8Array.from({ length: 12 }, (_, i) => 20 * i);
  const png = await sharp(pixels, { raw: { width: 2, height: 2, channels: 3 } })
    .png()
    .toBuffer();
  const back = await sharp(png).raw().toBuffer();
  const same = pixels.every((value, i) => value === back[i]);
  const versions = `${sharp.versions.sharp}, libvips ${sharp.versions.vips}`;
  if (same) return [{ name: "sharp", health: "ok", detail: `${versions}: a PNG written and read back` }];
  return [{ name: "sharp", health: "fail", detail: `${versions}: a PNG came back with other pixels` }];
}
