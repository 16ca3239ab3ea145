/** `npm run test:webgpu`: the tests of the WebGPU backend, through SwiftShader where the machine has no graphics
 * card to show them. SwiftShader is Vulkan in software: right, and slow. Debian ships it inside chromium. What follows
 * `--` goes to vitest. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMain, nodeForTools, run, runScript, runTool, SetupError, say, setup } from "./setup.mjs";

/** What Vulkan's loader asks for drivers when it should not look for them itself. */
const driverVariables = ["VK_ICD_FILENAMES", "VK_DRIVER_FILES"];
/** Debian's packages; the second one is of chromium's own source. */
const [rendererPackages, loaderPackage] = [["chromium", "chromium-common"], "libvulkan1"];

if (isMain(import.meta.url)) {
  await runScript(async () => {
    await setup(nodeForTools);
    const folder = mkdtempSync(join(tmpdir(), "galatea-webgpu-"));
    try {
      const chosen = driverVariables.some((name) => process.env[name]);
      if (process.platform === "linux" && !chosen) useDriver(await softwareRenderer(), join(folder, "driver.json"));
      return await runTool("vitest", ["run", "--config", "vitest.webgpu.config.ts", ...process.argv.slice(2)]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

/**
 * Makes Vulkan use one driver for this process and those that it starts.
 *
 * @param {string} library
 * @param {string} file the driver's description, which is written here
 */
function useDriver(library, file) {
  const description = { file_format_version: "1.0.0", ICD: { library_path: library, api_version: "1.0.5" } };
  writeFileSync(file, JSON.stringify(description));
  process.env.VK_ICD_FILENAMES = file;
}

/** @returns {Promise<string>} the path of SwiftShader, installed when it is missing */
async function softwareRenderer() {
  const found = await installed();
  if (found !== undefined) return found;
  const command = `apt-get install --no-install-recommends ${rendererPackages[0]} ${loaderPackage}`;
  if (process.getuid?.() !== 0) {
    throw new SetupError(`SwiftShader is not installed, and only root may do so; run \`sudo ${command}\` first`);
  }
  say(`installing SwiftShader: ${command} (about 100 MB) ...`);
  process.env.DEBIAN_FRONTEND = "noninteractive";
  for (const args of [["update"], [...command.split(" ").slice(1), "--yes"]]) {
    const { code, output } = await run("apt-get", args, "pipe");
    if (code !== 0) {
      process.stderr.write(output);
      throw new SetupError(`apt-get ${args[0]} failed, its message is above; SwiftShader is in Debian's chromium`);
    }
  }
  const now = await installed();
  if (now === undefined) throw new SetupError("chromium is installed, but has no libvk_swiftshader.so in it");
  return now;
}

/** @returns {Promise<string | undefined>} SwiftShader's path, when it and Vulkan's loader are there */
async function installed() {
  const loader = await filesOf(loaderPackage);
  if (!loader.some((file) => existsSync(file) && /\/libvulkan\.so\.1$/.test(file))) return undefined;
  const files = (await Promise.all(rendererPackages.map(filesOf))).flat();
  return files.find((file) => file.endsWith("/libvk_swiftshader.so") && existsSync(file));
}

/**
 * @param {string} debianPackage
 * @returns {Promise<string[]>} what it installed; nothing when it is not there
 */
async function filesOf(debianPackage) {
  const { code, output } = await run("dpkg", ["-L", debianPackage], "pipe");
  return code === 0 ? output.split("\n") : [];
}
