/** Train, sample, evaluate, presets, doctor: what a user does on the first day. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { averagePool2d, encodeModel, lowerGraph, trace } from "../../src/core/index.ts";
import {
  entry,
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
const settings = [
  "--data",
  data,
  ...tiny,
  ...pairs({ learningRate: 0.01, evaluateEvery: 30, sampleEvery: 30, checkpointEvery: 30 }),
];
const trainWords = (out: string): string[] => ["train", "digits/vae", ...settings, "--steps", "60", "--out", out];

/** An option for Node that puts a module loader's hook in place. */
function loaderHook(hook: string): string {
  const asUrl = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;
  return `--import ${asUrl(`import { register } from "node:module"; register(${JSON.stringify(asUrl(hook))});`)}`;
}

let trained: Outcome;

beforeAll(async () => {
  trained = await galatea([...trainWords(run), "--json"]);
});

describe("train", () => {
  test("with --json prints one event a line, from started to finished", () => {
    expect(trained.stderr).not.toContain("galatea:");
    expect(trained.code).toBe(0);
    const seen = events(trained.stdout);
    expect(seen[0]).toMatchObject({ type: "started", preset: "digits/vae", fromStep: 0, steps: 60 });
    const kinds = new Set(seen.map(({ type }) => type));
    for (const kind of ["step", "evaluated", "picture", "checkpoint"]) expect(kinds).toContain(kind);
    expect(seen.at(-1)).toMatchObject({ type: "finished", step: 60, metrics: { negativeElbo: expect.any(Number) } });
  });

  test("learns: the loss falls by more than a broken gradient would let it", () => {
    const losses = events(trained.stdout)
      .filter(({ type }) => type === "step")
      .map(({ metrics }) => (metrics as { loss: number }).loss);
    // 784 pixels at p = 1/2 are 543 nats; the mean image alone is near 210.
    expect(losses[0]).toBeGreaterThan(450);
    expect(losses.at(-1)).toBeLessThan(300);
  });

  test("leaves a run directory with config, metrics, a checkpoint and pictures", async () => {
    const config = JSON.parse(readFileSync(join(run, "config.json"), "utf8")) as { config: Record<string, unknown> };
    expect(config).toMatchObject({ preset: "digits/vae", config: { steps: 60, latent: 4, hidden: [32], seed: 0 } });
    expect(metricsOf(run).trim().split("\n").length).toBeGreaterThan(6);
    expect(existsSync(join(run, "checkpoints/step-00000060.safetensors"))).toBe(true);
    for (const name of ["samples", "reconstructions", "walk"]) {
      const picture = await sharp(join(run, "samples", `${name}.png`)).metadata();
      expect(picture.width).toBeGreaterThan(8 * 28);
    }
  });

  test("the same seed writes the same metrics.jsonl, another seed another", async () => {
    const [again, other] = [join(folder, "again"), join(folder, "other")];
    expect((await galatea(trainWords(again))).code).toBe(0);
    expect(metricsOf(again)).toBe(metricsOf(run));
    expect((await galatea([...trainWords(other), "--seed", "1"])).code).toBe(0);
    expect(metricsOf(other)).not.toBe(metricsOf(run));
  });

  test("for people it ends with the score, the pictures and what to try next; no --out takes a free name", async () => {
    const words = ["train", "digits/vae", ...settings, "--steps", "2"];
    const { code, stdout, stderr } = await galatea(words, { cwd: folder });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^training digits\/vae for 2 steps/);
    expect(stderr).not.toContain("\u001b");
    const out = join("runs", "digits-vae-1");
    expect(stdout).toMatch(/negative ELBO +\d+(\.\d+)? +nats/);
    expect(stdout).toContain(join(out, "samples", "walk.png"));
    expect(stdout).toContain(`galatea sample ${out} -n 64 --out grid.png`);
    expect(stdout).toContain(`galatea evaluate ${out}`);
    const second = await galatea(words, { cwd: folder });
    expect(second.stdout).toContain(join("runs", "digits-vae-2"));
  });

  test("reads named data in the folder that GALATEA_DATA names", async () => {
    mkdirSync(join(folder, "sets", "mnist"), { recursive: true });
    writeDigits(join(folder, "sets", "mnist"));
    const words = ["train", "digits/vae", ...tiny, "--data", "mnist", "--steps", "1", "--out", join(folder, "named")];
    const { stdout } = await galatea([...words, "--json"], { env: { GALATEA_DATA: join(folder, "sets") } });
    expect(events(stdout)[0]).toMatchObject({ data: { name: "mnist", test: 100 } });
  });
});

describe("sample", () => {
  test("writes a grid; the same seed the same bytes, another seed others", async () => {
    const draw = async (seed: number, name: string): Promise<Buffer> => {
      const path = join(folder, name);
      const { code, stdout } = await galatea(["sample", run, "-n", "16", "--seed", String(seed), "--out", path]);
      expect(code).toBe(0);
      expect(stdout).toBe(`16 samples after 60 steps in ${path}\n`);
      return readFileSync(path);
    };
    const first = await draw(7, "a.png");
    expect((await draw(7, "b.png")).equals(first)).toBe(true);
    expect((await draw(8, "c.png")).equals(first)).toBe(false);
    const { width, height } = await sharp(first).metadata();
    expect(width).toBe(height);
    expect(width).toBeGreaterThanOrEqual(4 * 28);
  });

  test("without --out writes into the run", async () => {
    expect((await galatea(["sample", run, "-n", "1"])).code).toBe(0);
    expect(existsSync(join(run, "samples", "seed-0.png"))).toBe(true);
  });
});

describe("evaluate", () => {
  test("with --json ends with one object of metrics, the same every time", async () => {
    const first = await galatea(["evaluate", run, "--json"]);
    expect(first.code).toBe(0);
    const { metrics } = events(first.stdout).at(-1) as { metrics: Record<string, number> };
    expect(metrics.negativeElbo).toBeCloseTo(metrics.reconstruction + metrics.kl, 3);
    // More importance samples give a tighter bound, and every bound is above -log p.
    expect(metrics.negativeLogLikelihood).toBeLessThan(metrics.negativeElbo);
    expect((await galatea(["evaluate", run, "--json"])).stdout).toBe(first.stdout);
  });

  test("for people prints a table with units; --metrics and --data choose", async () => {
    const { code, stdout } = await galatea(["evaluate", run, "--metrics", "kl", "--data", data]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/KL divergence +\d+(\.\d+)? +± \d+(\.\d+)? +nats +100 examples/);
    expect(stdout).not.toContain("ELBO");
  });

  test("compares samples by a net that the user names, and says what stands behind a score", async () => {
    const refused = await galatea(["evaluate", run, "--metrics", "fid"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("data without labels need --features <file.onnx>");
    const net = join(folder, "net.onnx");
    const { graph } = trace({ x: { dtype: "float32", shape: [10, 1, 14, 14] } }, ({ x }) =>
      averagePool2d(x, { kernel: 7 }),
    );
    writeFileSync(net, encodeModel(lowerGraph(graph, { contrib: false }, "net")));
    const words = [
      "evaluate",
      run,
      "--features",
      net,
      "--metrics",
      "fid,coverage,nearestPixelRatio",
      "--samples",
      "40",
    ];
    const { code, stdout, stderr } = await galatea([...words, "--json"]);
    expect(stderr).not.toContain("galatea:");
    expect(code).toBe(0);
    const { metrics, details } = events(stdout).at(-1) as Record<"metrics" | "details", Record<string, unknown>>;
    expect(Object.keys(metrics)).toEqual(["fid", "coverage", "nearestPixelRatio"]);
    expect(details.fid).toMatchObject({
      examples: 40,
      provenance: { referenceCount: 100, referenceSplit: "test", features: { name: "net.onnx", range: "unit" } },
    });
    expect(existsSync(join(run, "samples/nearest-training-examples.png"))).toBe(true);
    const people = await galatea(words);
    expect(people.stdout).toMatch(/Fréchet distance \(FID\) +\d.* 40 samples/);
    expect(people.stderr).toContain("nearest-training-examples.png");
  });
});

describe.concurrent("a config file", () => {
  const configFile = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  test("changes one of our presets; a path in it is seen from its folder", async () => {
    const text = `export default { preset: "digits/vae", data: "./", config: { steps: 2, latent: 3 } };`;
    const out = join(folder, "changed");
    const { code, stderr } = await galatea(["train", configFile("changed.mjs", text), "--out", out, "--threads", "1"]);
    expect(stderr).not.toContain("galatea:");
    expect(code).toBe(0);
    const record = JSON.parse(readFileSync(join(out, "config.json"), "utf8")) as object;
    expect(record).toMatchObject({ preset: "digits/vae", config: { steps: 2, latent: 3 }, data: { source: data } });
  });

  test("in TypeScript defines a preset of its own, wherever it lies; sample and evaluate find it again", async () => {
    const text = `
      import { definePreset, findPreset, type Preset } from "galatea/run";
      const base: Preset = findPreset("digits/conv-vae");
      export default definePreset({ ...base, name: "mine/vae", data: ${JSON.stringify(data)} });
    `;
    const out = join(folder, "own");
    const small = pairs({ steps: 2, batchSize: 8, channels: "4,4", hidden: 8, latent: 2 });
    const words = ["train", configFile("own.ts", text), "--out", out, "--threads", "1", ...small];
    const { code, stderr } = await galatea(words);
    expect(stderr).not.toContain("galatea:");
    expect(code).toBe(0);
    expect((await galatea(["sample", out, "-n", "4"])).code).toBe(0);
    const evaluated = await galatea(["evaluate", out, "--metrics", "negativeElbo", "--json"]);
    expect(events(evaluated.stdout).at(-1)).toMatchObject({ metrics: { negativeElbo: expect.any(Number) } });
  });

  test.each([
    ["missing.ts", undefined, "there is no such file"],
    ["empty.ts", "export const x = 1;", "no default export"],
    ["syntax.ts", "export default {", "cannot be loaded"],
    ["thrown.ts", 'throw new Error("of its own");', "cannot be loaded: of its own"],
    ["other.ts", "export default { steps: 3 };", "its default export is no preset"],
    ["typo.ts", 'export default { preset: "digits/vae", confg: {} };', "did you mean config?"],
    ["name.ts", 'export default { preset: "digits/vea" };', "did you mean digits/vae?"],
  ])("%s is refused with exit code 2", async (name, text, message) => {
    const path = text === undefined ? join(folder, name) : configFile(name, text);
    const { code, stderr } = await galatea(["train", path, "--out", join(folder, "never")]);
    expect(stderr).toContain(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(code).toBe(2);
    expect(existsSync(join(folder, "never"))).toBe(false);
  });
});

describe.concurrent("presets, data and doctor", () => {
  test("presets lists all, and the options of one with range and default", async () => {
    const { code, stdout } = await galatea(["presets"]);
    expect(code).toBe(0);
    expect(stdout).toContain("digits/vae");
    expect(stdout).toContain("digits/conv-vae");
    const one = await galatea(["presets", "digits/vae"]);
    expect(one.stdout).toMatch(/^latent +10 +latent dimensions \(a whole number .*1.*4096\)$/m);
    const json = events((await galatea(["presets", "digits/vae", "--json"])).stdout)[0];
    expect(json).toMatchObject({
      name: "digits/vae",
      options: expect.arrayContaining([expect.objectContaining({ name: "beta" })]),
    });
  });

  test("data list names what is here; data get says where it is", async () => {
    const listed = events((await galatea(["data", "list", "--json"])).stdout)[0] as unknown as { name: string }[];
    expect(listed.map(({ name }) => name)).toContain("digits");
    const { code, stdout } = await galatea(["data", "get", "digits"]);
    expect(code).toBe(0);
    expect(existsSync(join(stdout.trim(), "train-images-idx3-ubyte"))).toBe(true);
  });

  test("doctor measures this machine and finds it fit", async () => {
    const { code, stdout } = await galatea(["doctor", "--json"]);
    const { ok, checks } = events(stdout)[0] as {
      ok: boolean;
      checks: { name: string; health: string; value?: number }[];
    };
    const health = Object.fromEntries(checks.map((check) => [check.name, check.health]));
    expect(health).toMatchObject({
      Node: "ok",
      onnxruntime: "ok",
      sharp: "ok",
      "backend cpu": "ok",
      "backend cuda": "info",
    });
    expect(checks.find(({ name }) => name === "speed")?.value).toBeGreaterThan(1);
    expect(ok).toBe(true);
    expect(code).toBe(0);
    expect((await galatea(["doctor"])).stdout).toMatch(/^ok +onnxruntime +\d+\.\d+/m);
  });
});

test("doctor survives a package that cannot be loaded, names it and fails", async () => {
  const register = loaderHook(`export async function resolve(specifier, context, next) {
    if (specifier === "sharp") throw new Error("no sharp\\nfor this system");
    return next(specifier, context);
  }`);
  const { code, stdout } = await galatea(["doctor"], { env: { NODE_OPTIONS: register } });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^fail +sharp +no sharp for this system$/m);
  expect(stdout).toMatch(/^ok +onnxruntime/m);
  expect(stdout).toContain("checks failed: Galatea cannot work here");
});

describe.concurrent("help", () => {
  test("loads neither runtime nor models: it has to answer at once", async () => {
    const register = loaderHook(`export async function resolve(specifier, context, next) {
      const found = await next(specifier, context);
      process.stderr.write(found.url + "\\n");
      return found;
    }`);
    const { code, stdout, stderr } = await galatea(["--help"], { env: { NODE_OPTIONS: register } });
    expect(code).toBe(0);
    for (const name of ["train", "sample", "evaluate", "presets", "data", "doctor"])
      expect(stdout).toContain(`  ${name} `);
    const loaded = stderr.split("\n").filter((url) => url.startsWith("file:"));
    expect(loaded).toContain(new URL(`file://${entry}`).href);
    expect(loaded.filter((url) => /onnxruntime|sharp|zod|dist\/src\/(?!core\/base)/.test(url))).toEqual([]);
  });

  test("of a command shows its options with ranges; --version is the package's", async () => {
    const help = await galatea(["sample", "--help"]);
    expect(help.stdout).toMatch(/\(a whole number\s+from 1 to 65536\)/);
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect((await galatea(["--version"])).stdout).toBe(`${version}\n`);
  });
});
