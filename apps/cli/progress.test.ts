/** The bar on a terminal, plain lines elsewhere. */

import { expect, test } from "vitest";
import type { Output } from "./context.ts";
import { barLine, createProgress, type Standing } from "./progress.ts";

/** A stream that keeps what is written, and reads it as a terminal would show it. */
interface FakeOutput extends Output {
  columns: number;
  readonly text: string;
  /** Rows of a terminal after all that was written; an unfinished last row included. */
  screen(): string[];
  resize(columns: number): void;
  readonly listeners: number;
}

function fakeOutput(
  options: { readonly isTTY?: boolean; readonly columns?: number; readonly colours?: boolean } = {},
): FakeOutput {
  const listeners = new Set<() => void>();
  let text = "";
  return {
    isTTY: options.isTTY ?? false,
    columns: options.columns ?? 80,
    hasColors: () => options.colours ?? false,
    write: (part) => {
      text += part;
    },
    on: (_, listener) => listeners.add(listener),
    off: (_, listener) => listeners.delete(listener),
    get text() {
      return text;
    },
    get listeners() {
      return listeners.size;
    },
    screen() {
      return show(text, this.columns);
    },
    resize(columns) {
      this.columns = columns;
      for (const listener of listeners) listener();
    },
  };
}

const escapeCode = "\u001b";
const sequences = new RegExp(`\\r|\\n|${escapeCode}\\[\\d*[A-Za-z]|[^\\r\\n${escapeCode}]+`, "g");
const control = new RegExp(`^${escapeCode}\\[(\\d*)([A-Za-z])$`);

/** Understands what we write: return, new line, up, erase to the end of the line or screen, colours. */
function show(text: string, columns: number): string[] {
  const rows = [""];
  let row = 0;
  let column = 0;
  for (const [part] of text.matchAll(sequences)) {
    const [, count, verb] = control.exec(part) ?? [];
    if (part === "\r") column = 0;
    else if (part === "\n") {
      row++;
      column = 0;
      rows[row] ??= "";
    } else if (verb === "A") row -= Number(count);
    else if (verb === "K") rows[row] = rows[row].slice(0, column);
    else if (verb === "J") rows.splice(row, rows.length, rows[row].slice(0, column));
    else if (verb === undefined) {
      for (const character of part) {
        if (column === columns) {
          row++;
          column = 0;
          rows[row] ??= "";
        }
        rows[row] = rows[row].slice(0, column) + character + rows[row].slice(column + 1);
        column++;
      }
    }
  }
  return rows;
}

/** A clock that stands still until it is set. */
function clock(): { ms: number; now: () => number } {
  const time = { ms: 0, now: () => time.ms };
  return time;
}

const at = (done: number, total = 1000): Standing => ({
  task: "training",
  done,
  total,
  facts: ["loss 98.10", "31 steps/s"],
  secondsLeft: 12,
});

test("a terminal shows one line that is drawn over", () => {
  const output = fakeOutput({ isTTY: true });
  const time = clock();
  const progress = createProgress(output, time);
  progress.show(at(100));
  time.ms += 1000;
  progress.show(at(500));
  expect(output.screen()).toHaveLength(1);
  expect(output.screen()[0]).toMatch(/^training █+░+ 500\/1,000 {2}loss 98\.10 {2}31 steps\/s {2}12 s left$/);
});

test("it is drawn at most ten times a second, but always when it is full", () => {
  const output = fakeOutput({ isTTY: true });
  const time = clock();
  const progress = createProgress(output, time);
  progress.show(at(1));
  const first = output.text;
  time.ms = 99;
  progress.show(at(2));
  expect(output.text).toBe(first);
  progress.show(at(1000));
  expect(output.screen()[0]).toContain("1,000/1,000");
  expect(output.screen()[0]).not.toContain("left");
});

test("lines that stay are printed above the bar", () => {
  const output = fakeOutput({ isTTY: true });
  const progress = createProgress(output, clock());
  progress.show(at(100));
  progress.say("warning: a");
  progress.say("warning: b");
  expect(output.screen()).toEqual(["warning: a", "warning: b", expect.stringContaining("100/1,000")]);
});

test("the end takes the bar away and lets go of the stream", () => {
  const output = fakeOutput({ isTTY: true });
  const progress = createProgress(output, clock());
  progress.show(at(100));
  expect(output.listeners).toBe(1);
  progress.end();
  progress.say("galatea: an error");
  expect(output.screen()).toEqual(["galatea: an error", ""]);
  expect(output.listeners).toBe(0);
});

test("a terminal that gets narrower, where the old line now takes several rows, keeps one bar", () => {
  const output = fakeOutput({ isTTY: true, columns: 90 });
  const progress = createProgress(output, clock());
  progress.say("before");
  progress.show(at(500));
  output.resize(30);
  expect(output.screen()).toEqual(["before", expect.stringContaining("500/1,000")]);
  output.resize(120);
  expect(output.text.endsWith(`12 s left${escapeCode}[K`)).toBe(true);
});

test("where room is short the bar shrinks, then facts go; a line never reaches the last column", () => {
  for (let columns = 1; columns <= 120; columns++) {
    expect(barLine(at(500), 12, columns).length).toBeLessThanOrEqual(columns);
  }
  expect(barLine(at(500), 12, 100)).toBe(
    `training ${"█".repeat(15)}${"░".repeat(15)} 500/1,000  loss 98.10  31 steps/s  12 s left`,
  );
  expect(barLine(at(500), 12, 55)).toMatch(/^training █+░+ 500\/1,000 {2}loss 98.10 {2}12 s left$/);
  expect(barLine(at(500), 12, 45)).toMatch(/^training █+░+ 500\/1,000 {2}12 s left$/);
  expect(barLine(at(500), 12, 20)).toBe("training 500/1,000");
});

test("colours only where the terminal wants them", () => {
  for (const colours of [true, false]) {
    const output = fakeOutput({ isTTY: true, colours });
    createProgress(output, clock()).show(at(500));
    expect(output.text.includes("\u001b[32m")).toBe(colours);
  }
});

test("elsewhere a plain line comes each tenth of the way, not more than one a second", () => {
  const output = fakeOutput();
  const time = clock();
  const progress = createProgress(output, time);
  for (let step = 1; step <= 1000; step++) {
    time.ms += 20;
    progress.show(at(step));
  }
  const lines = output.text.trim().split("\n");
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe("training 100/1,000, loss 98.10, 31 steps/s, 12 s left");
  expect(output.text).not.toContain("\r");
  expect(output.text).not.toContain(escapeCode);
});

test("of a slow task a line comes every ten seconds, of a quick one none", () => {
  const time = clock();
  const [slow, quick] = [fakeOutput(), fakeOutput()];
  const progress = createProgress(slow, time);
  for (let step = 1; step <= 50; step++) {
    time.ms += 1000;
    progress.show(at(step));
  }
  expect(slow.text.trim().split("\n")).toHaveLength(4);
  const other = createProgress(quick, time);
  for (let step = 1; step <= 1000; step++) other.show(at(step));
  expect(quick.text).toBe("");
});

test("without a given time left it is taken from the pace of this task", () => {
  const output = fakeOutput({ isTTY: true, columns: 120 });
  const time = clock();
  const progress = createProgress(output, time);
  progress.show({ task: "reading images", done: 10, total: 100 });
  expect(output.screen()[0]).not.toContain("left");
  time.ms = 4000;
  progress.show({ task: "reading images", done: 50, total: 100 });
  expect(output.screen()[0]).toMatch(/5\.0 s left$/);
});

test("a dumb terminal gets lines", () => {
  const output = fakeOutput({ isTTY: true });
  createProgress(output, { ...clock(), environment: { TERM: "dumb" } }).show(at(1));
  expect(output.text).toBe("");
});
