/** Makes a checkout ready to run: the packages that package-lock.json names are in node_modules, `npx
 * galatea` works, and dist/ is what the sources say. Every other script calls this first.
 *
 * Only Node's own modules are imported here, because on a fresh clone nothing else is there. */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout's top folder. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** What the tests and checks need: vite, below vitest, asks for it. Running Galatea asks for less. */
export const nodeForTools = "20.19.0";

/** Tools by their JavaScript entry, so that no shell and no shim stands between. */
const tools = {
  biome: "node_modules/@biomejs/biome/bin/biome",
  depcruise: "node_modules/dependency-cruiser/bin/dependency-cruise.mjs",
  tsc: "node_modules/typescript/bin/tsc",
  vitest: "node_modules/vitest/vitest.mjs",
};

/** The sources that dist/ was made from. */
const buildStamp = "dist/.built.json";

/** A failure that one line explains. */
export class SetupError extends Error {}

/**
 * Installs and builds whatever is missing or out of date; without work it takes a few milliseconds.
 *
 * @param {string} [minimumNode] oldest Node that will do; by default the one that package.json names
 * @returns {Promise<boolean>} whether the sources are free of type errors; dist/ is written either way
 */
export async function setup(minimumNode = readJson(join(root, "package.json")).engines.node.replace(/^>=/, "")) {
  const old = nodeTooOld(process.versions.node, minimumNode);
  if (old) throw new SetupError(old);
  if (!isInstalled(root)) await withLock(async () => isInstalled(root) || install());
  linkCommand();
  const built = readBuild(root);
  return built.fresh ? built.typesOk : withLock(build);
}

/**
 * Runs the body of a script: a SetupError becomes one line, the returned number the exit code.
 *
 * @param {() => Promise<number | undefined>} body
 */
export async function runScript(body) {
  try {
    const code = await body();
    if (code !== undefined) process.exitCode = code;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`error: ${error.message}`);
    process.exitCode = 1;
  }
}

/**
 * Runs one of the tools, or Node itself, in the checkout with this terminal; Ctrl-C reaches it too, and
 * we wait for it to end.
 *
 * @param {keyof typeof tools | "node"} tool
 * @param {string[]} args
 * @returns {Promise<number>} its exit code; 128 + 2 when it was interrupted
 */
export async function runTool(tool, args) {
  const entry = tool === "node" ? [] : [join(root, tools[tool])];
  const waitForChild = () => {};
  process.on("SIGINT", waitForChild);
  try {
    return (await run(process.execPath, [...entry, ...args], "inherit")).code;
  } finally {
    process.off("SIGINT", waitForChild);
  }
}

/**
 * @param {string} moduleUrl
 * @returns {boolean} whether Node was started with this module
 */
export function isMain(moduleUrl) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(moduleUrl);
}

/**
 * Runs a TypeScript file of the checkout as it is, unbuilt.
 *
 * @param {string} file
 * @param {string[]} args
 */
export function runTypeScript(file, args) {
  const loader = new URL("typescript.mjs", import.meta.url).href;
  return runTool("node", ["--import", loader, join(root, file), ...args]);
}

/** @param {string} line a line for people; stdout belongs to what the command prints */
export function say(line) {
  process.stderr.write(`galatea: ${line}\n`);
}

/**
 * @param {string} found
 * @param {string} minimum
 * @returns {string | undefined} what to do, when this Node is too old
 */
export function nodeTooOld(found, minimum) {
  const [a, b] = [found, minimum].map((version) => version.split(".").map(Number));
  const at = b.findIndex((part, index) => part !== a[index]);
  if (at < 0 || a[at] > b[at]) return undefined;
  return `this is Node ${found}; install Node ${minimum} or newer`;
}

/**
 * Whether node_modules holds exactly what package-lock.json asks for. npm's own record of what it
 * installed is the stamp: npm writes it last, so an interrupted install has none.
 *
 * @param {string} checkout
 * @returns {boolean}
 */
export function isInstalled(checkout) {
  const record = join(checkout, "node_modules/.package-lock.json");
  if (!existsSync(record)) return false;
  const wanted = readJson(join(checkout, "package-lock.json")).packages;
  const found = readJson(record).packages;
  const paths = new Set([...Object.keys(wanted), ...Object.keys(found)]);
  paths.delete("");
  return [...paths].every((path) => {
    if (!wanted[path]) return false;
    if (!found[path]) return wanted[path].optional === true;
    return wanted[path].version === found[path].version && wanted[path].integrity === found[path].integrity;
  });
}

/**
 * Whether dist/ was made from the sources as they are now: same files, same times, same sizes. Times are
 * compared for equality, so that a switch of branches to older files counts as a change as well.
 *
 * @param {string} checkout
 * @returns {{ fresh: boolean, typesOk: boolean }}
 */
export function readBuild(checkout) {
  const stamp = join(checkout, buildStamp);
  if (!existsSync(stamp) || !existsSync(join(checkout, "dist/apps/cli/main.js")))
    return { fresh: false, typesOk: false };
  const { signature, typesOk } = readJson(stamp);
  return { fresh: signature === signatureOf(checkout), typesOk };
}

/**
 * @param {string} checkout
 * @param {string} signature of the sources that were built
 * @param {boolean} typesOk
 */
export function writeBuild(checkout, signature, typesOk) {
  writeFileSync(join(checkout, buildStamp), JSON.stringify({ signature, typesOk }));
}

/**
 * Removes what dist/ holds of sources that are gone.
 *
 * @param {string} checkout
 */
export function removeOrphans(checkout) {
  for (const file of filesBelow(join(checkout, "dist"), ["src", "apps"])) {
    const source = file.replace(/(\.d\.ts|\.js|\.js\.map)$/, ".ts");
    if (source !== file && !existsSync(join(checkout, source))) rmSync(join(checkout, "dist", file));
  }
}

/**
 * Names for a run among those that a folder holds already: name, name-2, name-3 ...
 *
 * @param {string} folder
 * @param {string} name
 * @returns {{ free: string, newest: string | undefined }} the first that is free, and the one before it
 */
export function runNames(folder, name) {
  let free = name;
  let newest;
  for (let count = 2; existsSync(join(folder, free)); count++) {
    newest = free;
    free = `${name}-${count}`;
  }
  return { free, newest };
}

async function install() {
  const count = Object.keys(readJson(join(root, "package-lock.json")).packages).length - 1;
  say(`installing up to ${count} packages with npm (about half a minute on a fast line) ...`);
  const started = performance.now();
  const seconds = () => `${Math.round((performance.now() - started) / 1000)} s`;
  const beat = setInterval(() => say(`still installing (${seconds()})`), 15_000);
  const args = ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath ?? "";
  const { code, output } = npm.endsWith("npm-cli.js")
    ? await run(process.execPath, [npm, ...args], "pipe")
    : await run("npm", args, "pipe");
  clearInterval(beat);
  if (code !== 0) {
    process.stderr.write(output);
    throw new SetupError(adviceForNpm(output));
  }
  say(`installed in ${seconds()}`);
}

/**
 * @param {string} output what npm printed when it failed
 * @returns {string} what went wrong and what to do
 */
export function adviceForNpm(output) {
  const causes = /** @type {const} */ ([
    [
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/,
      "no package registry could be reached; check the network or npm's registry and proxy settings, then run this again",
    ],
    [/ENOSPC/, "the disk is full; free about 1 GB, then run this again"],
    [/EACCES|EPERM|EROFS/, "node_modules cannot be written; check who owns this folder, then run this again"],
    [
      /EUSAGE|can only install packages when/,
      "package.json and package-lock.json disagree; run `npm install` and commit package-lock.json",
    ],
    [/EINTEGRITY/, "a package does not match its checksum; run `npm cache verify`, then run this again"],
    [/spawn npm ENOENT/, "npm was not found; install it (it comes with Node), then run this again"],
  ]);
  const cause = causes.find(([pattern]) => pattern.test(output));
  return cause ? cause[1] : "npm could not install the packages; its message is above";
}

/** Puts the checkout's own command where npx looks for it. */
function linkCommand() {
  const link = join(root, "node_modules/.bin/galatea");
  if (process.platform === "win32") {
    writeFileSync(`${link}.cmd`, '@node "%~dp0\\..\\..\\bin\\galatea.mjs" %*\r\n');
    return;
  }
  const target = "../../bin/galatea.mjs";
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there?.isSymbolicLink() && readlinkSync(link) === target) return;
  rmSync(link, { force: true });
  symlinkSync(target, link);
}

/**
 * Compiles src/ and apps/ into dist/. Type errors are printed but don't keep the code from being written,
 * so that dist/ is never older than the sources.
 *
 * @returns {Promise<boolean>} whether the sources are free of type errors
 */
async function build() {
  const again = readBuild(root);
  if (again.fresh) return again.typesOk;
  const started = performance.now();
  say("building dist/ ...");
  const signature = signatureOf(root);
  const stamp = join(root, buildStamp);
  // Without a stamp nobody knows what dist/ holds, and tsc would trust its own record of it.
  if (!existsSync(stamp)) rmSync(join(root, "dist/.tsbuildinfo"), { force: true });
  rmSync(stamp, { force: true });
  const { code, output } = await run(process.execPath, [join(root, tools.tsc), "-p", "tsconfig.build.json"], "pipe");
  process.stderr.write(output);
  // tsc's exit codes: 0 is done, 2 is done with errors, anything else left files unwritten.
  if (code !== 0 && code !== 2) throw new SetupError("the sources could not be compiled; tsc's message is above");
  removeOrphans(root);
  writeBuild(root, signature, code === 0);
  if (code !== 0) say("the sources have type errors; what was built may not work");
  say(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return code === 0;
}

/** @param {string} checkout */
export function signatureOf(checkout) {
  const hash = createHash("sha256");
  const configs = ["tsconfig.json", "tsconfig.build.json", "package-lock.json"];
  const sources = filesBelow(checkout, ["src", "apps"]).filter((file) => !file.endsWith(".test.ts"));
  for (const file of [...configs, ...sources]) {
    const { mtimeMs, size } = statSync(join(checkout, file));
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest("hex");
}

/**
 * @param {string} folder
 * @param {string[]} parts sub-folders to look through
 * @returns {string[]} paths below the folder, with forward slashes, sorted
 */
function filesBelow(folder, parts) {
  return parts
    .filter((part) => existsSync(join(folder, part)))
    .flatMap((part) =>
      readdirSync(join(folder, part), { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
    )
    .map((path) => path.slice(resolve(folder).length + 1).replaceAll("\\", "/"))
    .sort();
}

/**
 * Does the work while no other process sets up the same checkout. A lock whose holder has died is taken over.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withLock(work) {
  const lock = join(root, "dist/.lock");
  for (let waited = 0; !tryLock(lock); waited++) {
    if (waited === 10) say(`waiting for another process that sets up this folder (${lock})`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** @param {string} lock */
function tryLock(lock) {
  try {
    mkdirSync(dirname(lock), { recursive: true });
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw new SetupError(`this folder cannot be written (${codeOf(error)})`);
  }
  try {
    process.kill(Number(readFileSync(lock, "utf8")), 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") rmSync(lock, { force: true });
  }
  return false;
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {"inherit" | "pipe"} stdio
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, stdio) {
  return new Promise((done) => {
    let output = "";
    // npm is a .cmd file on Windows, which only a shell can start.
    const shell = process.platform === "win32" && command === "npm";
    const child = spawn(command, args, { cwd: root, shell, stdio: ["inherit", stdio, stdio] });
    const collect = (/** @type {Buffer} */ chunk) => {
      output += chunk;
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    child.on("error", (error) => done({ code: 1, output: `${output}${error.message}\n` }));
    child.on("close", (code, signal) => done({ code: code ?? (signal === "SIGINT" ? 130 : 1), output }));
  });
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

if (isMain(import.meta.url)) await runScript(async () => ((await setup()) ? 0 : 1));
