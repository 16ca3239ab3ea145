import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Contender, compare } from "../../bench/harness.ts";
import { type ProcessContender, type ProcessOptions, processContender } from "../../bench/process-contender.ts";
import { median, quantile, quartiles } from "../../bench/statistics.ts";
import { pytorchPeer, pytorchVariant } from "../../bench/workloads/pytorch.ts";

describe("statistics", () => {
  test("a quantile interpolates between neighbours, whatever the order", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quartiles([5, 1, 4, 2, 3])).toEqual([2, 4]);
    expect(quantile([10, 20], 0.25)).toBe(12.5);
    expect(quantile([7], 0.9)).toBe(7);
  });

  test("numbers are sorted as numbers, and the caller's array is left alone", () => {
    const values = [10, 9, 100];
    expect(median(values)).toBe(10);
    expect(values).toEqual([10, 9, 100]);
  });

  test("nothing, or something infinite, has no quantile", () => {
    expect(() => median([])).toThrow("no values");
    expect(() => median([1, Number.NaN])).toThrow("NaN among the values");
  });
});

/** A contender whose steps take the times given, block by block. */
function scripted(name: string, blocks: number[][], diary: string[], last = 1, first = 700): Contender {
  const left = [...blocks];
  return {
    name,
    warmUp: async () => {
      diary.push(`${name} warms up`);
    },
    run: async (steps) => {
      diary.push(`${name} ${steps}`);
      return left.shift() ?? [];
    },
    losses: () => ({ first, last }),
    firstStepMs: () => 5,
    peakMb: async () => 12,
    close: async () => {},
  };
}

describe("compare", () => {
  const options = { blocks: 3, stepsPerBlock: 2, pauseMs: 0 };

  test("alternates who is first, after both are warm", async () => {
    const diary: string[] = [];
    const block = [1, 1];
    await compare(
      scripted("ours", [block, block, block], diary),
      scripted("peer", [block, block, block], diary),
      options,
    );
    expect(diary).toEqual([
      "ours warms up",
      "peer warms up",
      "ours 2",
      "peer 2",
      "peer 2",
      "ours 2",
      "ours 2",
      "peer 2",
    ]);
  });

  test("the ratio is the median over pairs, so one disturbed block changes nothing", async () => {
    const ours = scripted(
      "ours",
      [
        [10, 10],
        [20, 20],
        [10, 10],
      ],
      [],
    );
    const peer = scripted(
      "peer",
      [
        [15, 15],
        [30, 32],
        [900, 900],
      ],
      [],
    );
    const result = await compare(ours, peer, options);
    expect(result.ratios).toEqual([1.5, 1.55, 90]);
    expect(result.ratio).toBe(1.55);
    expect(result.spread).toEqual([1.525, 45.775]);
    expect(result).toMatchObject({ oursMs: 10, peerMs: 31, oursPeakMb: 12, peerPeakMb: 12 });
  });

  const blocks = [
    [1, 1],
    [1, 1],
    [1, 1],
  ];
  const compareLosses = (ours: [number, number], peer: [number, number], first: number, last?: number) =>
    compare(scripted("ours", blocks, [], ours[1], ours[0]), scripted("peer", blocks, [], peer[1], peer[0]), {
      ...options,
      lossTolerance: { first, ...(last !== undefined && { last }) },
    });

  test("losses that disagree mean that the work is not the same", async () => {
    await expect(compareLosses([700, 300], [700, 310], 0.1, 0.02)).rejects.toThrow(
      "ours and peer: the last losses after as many steps are 300 and 310; they must agree within 2%",
    );
    await expect(compareLosses([700, 300], [600, 300], 0.1, 0.02)).rejects.toThrow("the first losses");
    expect((await compareLosses([700, 300], [650, 310], 0.1, 0.05)).ratio).toBe(1);
    expect((await compareLosses([700, 300], [650, 900], 0.1)).ratio).toBe(1);
  });

  test("a loss that does not fall means that nothing is trained", async () => {
    await expect(compareLosses([700, 700], [700, 690], 0.1, 0.1)).rejects.toThrow(
      "ours: the loss went from 700 to 700; a step that trains makes it smaller",
    );
  });

  test("yardsticks run once after each pair", async () => {
    const diary: string[] = [];
    const yardstick = scripted("yardstick", [[3], [4], [9]], diary);
    const result = await compare(scripted("ours", blocks, diary), scripted("peer", blocks, diary), {
      ...options,
      yardsticks: [yardstick],
    });
    expect(result.yardsticksMs).toEqual([4]);
    expect(diary.slice(3)).toEqual([
      ...["ours 2", "peer 2", "yardstick 1"],
      ...["peer 2", "ours 2", "yardstick 1"],
      ...["ours 2", "peer 2", "yardstick 1"],
    ]);
  });
});

function startProcess(
  command: string,
  args: readonly string[],
  options: Partial<ProcessOptions> = {},
): ProcessContender {
  const contender = processContender(command, args, { name: "fixture", warmUpSteps: 2, ...options });
  onTestFinished(() => contender.close());
  return contender;
}

const startNode = (script: string, options?: Partial<ProcessOptions>): ProcessContender =>
  startProcess(process.execPath, ["-e", script], options);

describe("a contender in a process", () => {
  const program = fileURLToPath(new URL("contender.fixture.ts", import.meta.url));

  test("serveContender answers what processContender asks", async () => {
    const contender = startProcess(process.execPath, ["--import", "tsx", program, "3"]);
    expect([contender.losses(), contender.firstStepMs()]).toEqual([undefined, undefined]);
    await contender.warmUp();
    expect(contender.firstStepMs()).toBeGreaterThan(3.9);
    const times = await contender.run(4);
    expect(times).toHaveLength(4);
    // The clock of a timer may tick up to a millisecond early.
    for (const ms of times) expect(ms).toBeGreaterThan(3.9);
    expect(contender.losses()).toEqual({ first: 300, last: 305 });
    expect(await contender.peakMb()).toBeGreaterThan(20);
    const { versions, parameters, setupMs } = await contender.describe();
    expect([Object.keys(versions), parameters, setupMs >= 0]).toEqual([["onnxruntime"], 42, true]);
    const draws = await contender.draw(3);
    expect(draws.every((ms) => ms > 0.9)).toBe(true);
    expect(draws).toHaveLength(3);
    await expect(contender.profile(2)).rejects.toThrow("fixture: it keeps no records of its kernels");
    await expect(contender.run(5)).rejects.toThrow("fixture: step 7 went wrong");
  });

  test("a program that is not there says how to install it", async () => {
    const contender = startProcess("no-such-program", [], { install: "apt-get install it" });
    await expect(contender.warmUp()).rejects.toThrow(
      /^fixture: no-such-program cannot be started \(.*ENOENT.*\); if it is not installed: apt-get install it$/,
    );
  });

  test("a program that ends early is quoted", async () => {
    const script = "console.error('No module named torch'); process.exit(3)";
    await expect(startNode(script, { install: "apt-get install it" }).run(1)).rejects.toThrow(
      "fixture: the process ended (exit code 3), saying: No module named torch; if it is not installed: apt-get install it",
    );
  });

  test("a program that ends between answers is not told to be installed", async () => {
    const script = `process.stdin.once("data", () => {
      console.log('{"msPerStep":[1],"firstLoss":2,"loss":2}');
      process.stdin.once("data", () => process.exit(4));
    })`;
    const contender = startNode(script, { install: "apt-get install it" });
    expect(await contender.run(1)).toEqual([1]);
    await expect(contender.run(1)).rejects.toThrow(/^fixture: the process ended \(exit code 4\)$/);
  });

  test("an answer outside the protocol is refused", async () => {
    const replying = (line: string): ProcessContender =>
      startNode(`process.stdin.on("data", () => console.log(${JSON.stringify(line)}))`);
    await expect(replying("hello").run(1)).rejects.toThrow('fixture: answered {"run":1} with hello');
    await expect(replying('{"msPerStep":["fast"],"firstLoss":1,"loss":1}').run(1)).rejects.toThrow("fixture: answered");
    await expect(replying('{"msPerStep":[1],"firstLoss":1,"loss":1}').run(2)).rejects.toThrow(
      "ran 1 steps; 2 were asked for",
    );
    await expect(replying('{"error":"out of memory"}').run(1)).rejects.toThrow("fixture: out of memory");
  });

  test("a program that hangs is ended", async () => {
    const contender = startNode("setInterval(() => {}, 1000)", { timeoutMs: 300 });
    await expect(contender.run(1)).rejects.toThrow('fixture: no answer to {"run":1} within 300 ms');
  });
});

const { command, args, install } = pytorchPeer("vae", { bound: 1, warmUpSteps: 1, blocks: 1, stepsPerBlock: 1 });
const hasTorch = (() => {
  try {
    execFileSync(command, ["-c", "import torch"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasTorch)("PyTorch (skipped where Python has no torch)", () => {
  test("its VAE learns: the loss falls from 784 ln 2 towards the entropy of the pictures", {
    timeout: 120_000,
  }, async () => {
    const contender = startProcess(command, args, { name: "pytorch", warmUpSteps: 1, install });
    await contender.warmUp();
    // 784 pixels at 0.69 nats each, plus a small KL.
    expect(contender.losses()?.first).toBeGreaterThan(530);
    await contender.run(60);
    // The entropy of 784 pixels, 13% of them ink, is 303 nats.
    expect(contender.losses()?.last).toBeLessThan(320);
    const { versions, parameters } = await contender.describe();
    expect(versions).toHaveProperty("torch");
    expect(parameters).toBe(1_379_152);
    expect(await contender.peakMb()).toBeGreaterThan(50);
  });

  test("another way of sampling is a program of its own, over the model of the workload that it samples", {
    timeout: 60_000,
  }, async () => {
    const options = { bound: 1, warmUpSteps: 1, blocks: 1, stepsPerBlock: 1 };
    const variant = pytorchVariant("pixelcnn-sampling", { name: "cached", note: "keeping what it has" }, options);
    expect([variant.name, variant.sgemm, variant.note]).toEqual([
      "pytorch-cached",
      undefined,
      "As pytorch, but keeping what it has",
    ]);
    const contender = startProcess(variant.command, variant.args, { name: variant.name, warmUpSteps: 1 });
    expect((await contender.describe()).parameters).toBe(141_072);
  });
});
