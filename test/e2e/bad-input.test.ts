/** Bad input: a clear error, the right exit code, nothing lost. */

import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  digitImages,
  events,
  galatea,
  metricsOf,
  type Outcome,
  pairs,
  temporaryFolder,
  tiny,
  writeDigits,
} from "./galatea.ts";

const folder = temporaryFolder();
const data = writeDigits(folder);
const run = join(folder, "run");
const asRoot = process.getuid?.() === 0;

/** A few steps on `source` into a folder. */
const trainWords = (source: string, out: string): string[] => [
  ...["train", "digits/vae", "--data", source, "--out", out, "--steps", "20", ...tiny],
  ...pairs({ checkpointEvery: 10, evaluateEvery: 0, sampleEvery: 0 }),
];

/** One line on stderr that starts with our name, and the exit code. */
function expectRefusal({ code, stderr }: Outcome, exitCode: number, ...messages: string[]): void {
  const lines = stderr.trim().split("\n");
  expect(lines.at(-1)).toMatch(/^galatea: /);
  for (const message of messages) expect(lines.at(-1)).toContain(message);
  expect(lines.filter((line) => line.startsWith("galatea: "))).toHaveLength(1);
  expect(code).toBe(exitCode);
}

beforeAll(async () => {
  const { code, stderr } = await galatea(trainWords(data, run));
  expect(stderr).not.toContain("galatea:");
  expect(code).toBe(0);
});

describe.concurrent("the command line", () => {
  test.each([
    [["trian"], "did you mean train?"],
    [["data", "lits"], "did you mean list?"],
    [["train", "digits/vae", "--stpes", "3"], "did you mean --steps?"],
    [["train"], "missing required argument 'preset'"],
    [["train", "digits/vea"], "did you mean digits/vae?"],
    [["presets", "digits/conv"], "did you mean digits/"],
    [["train", "digits/vae", "--set", "latnet=3"], "did you mean latent?"],
    [["train", "digits/vae", "--set", "latent"], "key=value"],
    [["train", "digits/vae", "--set", "latent=0"], "4096"],
    [["train", "digits/vae", "--set", "learningRate=high"], "at most 10"],
    [["train", "digits/vae", "--set", "optimizer=adm"], "one of adam, adamw, muon, sgd"],
    [["train", "digits/vae", "--steps", "0"], "a whole number from 1 to 1000000000"],
    [["train", "digits/vae", "--steps", "many"], "a whole number from 1 to 1000000000"],
    [["train", "digits/vae", "--seed", "1.5"], "a whole number from 0 to 2^53 - 1"],
    [["train", "digits/vae", "--backend", "tpu"], "one of cpu, webgpu, cuda"],
    [["train", "digits/vae", "--backend", "cuda"], "not available in this version; available: cpu, webgpu"],
    [["sample", run, "-n", "0"], "a whole number from 1 to 65536"],
    [["evaluate", run, "--metrics", "frechet"], "negativeElbo"],
    [["evaluate", run, "--samples", "1"], "a whole number from 2 to 1000000"],
    [["sample", run, "--condition", "digit=3"], "It can be told temperature"],
  ])("%j", async (words, message) => {
    expectRefusal(await galatea(words, { cwd: folder }), 2, message);
    expect(existsSync(join(folder, "runs"))).toBe(false);
  });

  test("no command at all shows the help on stderr", async () => {
    const { code, stdout, stderr } = await galatea([]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("Usage: galatea");
  });

  test("with --json the error is an object on stdout too; --debug adds the stack", async () => {
    const outcome = await galatea(["train", "digits/vea", "--json"]);
    expectRefusal(outcome, 2);
    expect(events(outcome.stdout)).toEqual([{ type: "error", code: "usage", message: outcome.stderr.slice(9).trim() }]);
    const { stderr } = await galatea(["train", "digits/vea", "--debug"]);
    expect(stderr).toMatch(/\n +at .*presets/);
  });

  test.runIf(process.platform === "linux")("a backend that this machine has no device for", async () => {
    const env = { VK_ICD_FILENAMES: join(folder, "no-driver.json"), VK_DRIVER_FILES: "" };
    const outcome = await galatea(["train", "digits/vae", "--backend", "webgpu"], { cwd: folder, env });
    expectRefusal(outcome, 1, "webgpu: ", "or use the CPU backend");
    expect(outcome.stderr.trim().split("\n")).toHaveLength(1);
    expect(existsSync(join(folder, "runs"))).toBe(false);
  });

  test("a folder that holds no run", async () => {
    expectRefusal(await galatea(["sample", data]), 1, "holds no run");
    expectRefusal(await galatea(["evaluate", join(folder, "nowhere")]), 1, "holds no run");
  });
});

describe.concurrent("data", () => {
  const out = join(folder, "never");
  /** Refused before anything is written. */
  const refuse = async (source: string, ...messages: string[]): Promise<void> => {
    expectRefusal(await galatea(trainWords(source, out)), 1, ...messages);
    expect(existsSync(out)).toBe(false);
  };
  const fileOf = (name: string, content: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const png = (size: number, shade: number): Promise<Buffer> =>
    sharp({ create: { width: size, height: size, channels: 3, background: { r: shade, g: 10, b: 200 } } })
      .png()
      .toBuffer();
  const imageFolder = async (name: string, sizes: readonly number[]): Promise<string> => {
    const path = join(folder, name);
    mkdirSync(path);
    for (const [i, size] of sizes.entries()) writeFileSync(join(path, `${i}.png`), await png(size, 5 * i));
    return path;
  };

  test("a path where nothing is", () => refuse(join(folder, "no-such-place"), "no-such-place", "no file or folder"));

  test("a name that is nearly right", () => refuse("digist", "did you mean digits?"));

  test("a truncated IDX file", () =>
    refuse(fileOf("cut-idx3-ubyte", digitImages("train", 50).subarray(0, 20_000)), "cut-idx3-ubyte", "truncated"));

  test("a damaged IDX file", () => {
    const bytes = digitImages("train", 50);
    bytes.writeUInt32BE(0x07_000_000, 0);
    return refuse(fileOf("bad-idx3-ubyte", bytes), "bad-idx3-ubyte");
  });

  test("a truncated gzip file", () => {
    const bytes = gzipSync(digitImages("train", 50));
    return refuse(
      fileOf("cut-idx3-ubyte.gz", bytes.subarray(0, bytes.length / 2)),
      "cut-idx3-ubyte.gz",
      "ends too early",
    );
  });

  test("a damaged gzip file", () => {
    const bytes = gzipSync(digitImages("train", 50));
    bytes.fill(0x55, 1000, 1200);
    return refuse(fileOf("bad-idx3-ubyte.gz", bytes), "bad-idx3-ubyte.gz", "damaged");
  });

  test("an empty folder", () => {
    mkdirSync(join(folder, "empty"));
    return refuse(join(folder, "empty"), "empty", "no images");
  });

  test("images of which none can be decoded", () => {
    mkdirSync(join(folder, "broken"));
    for (const name of ["a.png", "b.jpg"]) writeFileSync(join(folder, "broken", name), "no picture");
    return refuse(join(folder, "broken"), "none of its 2 images can be decoded", "a.png");
  });

  test("an image that cannot be decoded is named, skipped and counted", async () => {
    const images = await imageFolder("mixed", new Array<number>(40).fill(8));
    writeFileSync(join(images, "spoilt.png"), "no picture");
    const { code, stderr, stdout } = await galatea([...trainWords(images, join(folder, "mixed-run")), "--json"]);
    expect(stderr).toMatch(/^warning: skipped 1 image\(s\) that cannot be decoded: spoilt\.png/m);
    expect(code).toBe(0);
    const { data: counts } = events(stdout)[0] as { data: Record<string, number> };
    expect(counts.train + counts.validation + counts.test).toBe(40);
  });

  test("of images of different sizes it says what was done", async () => {
    const images = await imageFolder("sizes", [...new Array<number>(38).fill(8), 12, 16]);
    const { code, stderr } = await galatea(trainWords(images, join(folder, "sizes-run")));
    expect(stderr).toMatch(/2 of 40 images had another size: .*8 x 8/);
    expect(stderr.match(/another size/g)).toHaveLength(1);
    expect(code).toBe(0);
  });

  test("data that is none of the run's kind; images of another size are scaled to it", async () => {
    const images = await imageFolder("other-shape", new Array<number>(40).fill(8));
    const { code, stdout } = await galatea(["evaluate", run, "--data", images, "--metrics", "kl", "--json"]);
    expect([code, Number.isFinite((JSON.parse(stdout) as { metrics: { kl: number } }).metrics.kl)]).toEqual([0, true]);
    const table = join(folder, "numbers.csv");
    writeFileSync(table, "1,2\n3,4\n5,6\n");
    expectRefusal(await galatea(["evaluate", run, "--data", table]), 1, "it has no image; the run was trained on");
  });
});

describe("run directories", () => {
  const stateOf = (path: string): string => readdirSync(path, { recursive: true }).sort().join() + metricsOf(path);

  test("one that exists is refused without --resume, and left alone", async () => {
    const before = stateOf(run);
    expectRefusal(await galatea(trainWords(data, run)), 2, run, "--resume");
    expect(stateOf(run)).toBe(before);
  });

  test("resumed with another config it shows the difference", async () => {
    const words = ["train", "digits/vae", "--out", run, "--resume", "--set", "latent=8", "--set", "beta=2"];
    const before = stateOf(run);
    expectRefusal(await galatea(words), 2, "latent was 4 and is now 8", "beta was 1 and is now 2");
    expectRefusal(await galatea(["train", "digits/conv-vae", "--out", run, "--resume"]), 2, "digits/conv-vae");
    expect(stateOf(run)).toBe(before);
  });

  test("--resume without --out needs a run to go on with", async () => {
    expectRefusal(await galatea(["train", "digits/vae", "--resume"], { cwd: folder }), 2, "--out");
  });

  test("a corrupt checkpoint: the one before it is used, and that is said", async () => {
    const damaged = join(folder, "damaged");
    cpSync(run, damaged, { recursive: true });
    const newest = join(damaged, "checkpoints", "step-00000020.safetensors");
    const bytes = readFileSync(newest);
    bytes[bytes.length - 100] ^= 0xff;
    writeFileSync(newest, bytes);
    const sampled = await galatea(["sample", damaged, "-n", "4"]);
    expect(sampled.code).toBe(0);
    expect(sampled.stderr).toMatch(/^warning: .*step-00000020\.safetensors.*using step 10/);
    const resumed = await galatea([...trainWords(data, damaged), "--resume"]);
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toMatch(/^warning: .*step-00000020\.safetensors.*continues from step 10/m);
    expect(metricsOf(damaged)).toBe(metricsOf(run));
  });

  test("no checkpoint that can be read", async () => {
    const damaged = join(folder, "all-damaged");
    cpSync(run, damaged, { recursive: true });
    const checkpoints = join(damaged, "checkpoints");
    for (const name of readdirSync(checkpoints)) writeFileSync(join(checkpoints, name), "not a checkpoint");
    expectRefusal(await galatea(["sample", damaged]), 1, "none of its 2 checkpoints can be read");
    expectRefusal(await galatea([...trainWords(data, damaged), "--resume"]), 1, "none of its 2 checkpoints");
  });

  test("a damaged config.json", async () => {
    const damaged = join(folder, "no-config");
    cpSync(run, damaged, { recursive: true });
    writeFileSync(join(damaged, "config.json"), "{");
    expectRefusal(await galatea(["evaluate", damaged]), 1, "config.json");
  });
});

describe("writing", () => {
  test.runIf(asRoot || process.platform !== "win32")("no permission", async () => {
    const locked = join(folder, "locked");
    mkdirSync(locked);
    chmodSync(folder, 0o755);
    chmodSync(locked, 0o555);
    // Root may write anywhere, so it becomes nobody.
    const outcome = await galatea(trainWords(data, join(locked, "run")), asRoot ? { uid: 65_534 } : {});
    expectRefusal(outcome, 1, "locked", "no permission");
    const sampled = await galatea(["sample", run, "--out", join(locked, "a.png")], asRoot ? { uid: 65_534 } : {});
    expectRefusal(sampled, 1, "a.png", "no permission");
    expect(readdirSync(locked)).toEqual([]);
  });

  describe("a full disk", () => {
    const disk = join(folder, "disk");
    const mounted = asRoot && process.platform === "linux" && mountSmall(disk, 1200);
    afterAll(() => {
      if (mounted) spawnSync("umount", [disk]);
    });

    test.runIf(mounted)("stops the run, says so, and keeps the checkpoints before (needs root to mount)", async () => {
      const full = join(disk, "run");
      // A checkpoint of this model takes about 640 kB: the second or third no longer fits.
      const outcome = await galatea(trainWords(data, full));
      expectRefusal(outcome, 1, "step-00000020", "the disk is full");
      expect(readdirSync(join(full, "checkpoints"))).toEqual(["step-00000010.safetensors"]);
      const sampled = await galatea(["sample", full, "--out", join(folder, "after-full.png")]);
      expect(sampled.stdout).toContain("after 10 steps");
      const resumed = await galatea([...trainWords(data, full), "--resume"]);
      expectRefusal(resumed, 1, "the disk is full");
    });
  });
});

/** A file system in memory of so many kB; false where this user may not make one. */
function mountSmall(path: string, kilobytes: number): boolean {
  mkdirSync(path);
  return spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", path]).status === 0;
}

test("a loss that becomes NaN stops the run, with step and parameters; the last good checkpoint stays", async () => {
  const out = join(folder, "diverged");
  const wild = pairs({
    optimizer: "sgd",
    learningRate: 10,
    schedule: "constant",
    checkpointEvery: 1,
    likelihood: "gaussian",
  });
  const outcome = await galatea([
    "train",
    "digits/vae",
    "--data",
    data,
    "--out",
    out,
    "--steps",
    "200",
    ...tiny,
    ...wild,
  ]);
  expectRefusal(outcome, 1, "became", "encoder.", "the last good checkpoint is");
  expect(outcome.stderr).toMatch(/galatea: step \d+: /);
  const [, kept] = /checkpoint is (\S+\.safetensors)/.exec(outcome.stderr) ?? [];
  expect(existsSync(kept)).toBe(true);
  expect((await galatea(["sample", out, "-n", "4"])).code).toBe(0);
});
