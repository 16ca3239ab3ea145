/** How far a task is: a bar on the last line of a terminal, or a plain line now and then elsewhere. The
 * same for training, loading and evaluating.
 *
 * Hand-written because nothing that is kept fits: cli-progress was last released in February 2023, and
 * log-update needs Node 22 since its version 8. */

import type { Output } from "./context.ts";
import { formatCount, formatDuration } from "./text.ts";

/** Where a task stands. */
export interface Standing {
  /** Such as `training`. */
  readonly task: string;
  readonly done: number;
  readonly total: number;
  /** Shown in this order, such as `loss 98.1`; the last goes first where room is short. */
  readonly facts?: readonly string[];
  /** Without it the time left is taken from the pace so far. */
  readonly secondsLeft?: number;
}

export interface Progress {
  show(standing: Standing): void;
  /** A line for good, above the bar. */
  say(line: string): void;
  /** Takes the bar away; a later `show` brings it back. */
  clear(): void;
  /** Takes the bar away and lets go of the stream. */
  end(): void;
}

export interface ProgressOptions {
  /** Milliseconds. */
  readonly now: () => number;
  /** Draw a bar; default: when the stream is a terminal that can move its cursor. */
  readonly bar?: boolean;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A bar that moves more often than this tires the eyes and the terminal. */
const redrawEveryMs = 100;
/** Plain lines come each tenth of the way, if this much time has passed, or after the longer time. */
const lineAfterMs = 1000;
const lineAtLatestMs = 10_000;

const widestBar = 30;
const narrowestBar = 10;

/** Progress on a stream. */
export function createProgress(output: Output, { now, bar, environment = {} }: ProgressOptions): Progress {
  const canDraw = bar ?? (output.isTTY === true && environment.TERM !== "dumb");
  return canDraw ? barProgress(output, now) : lineProgress(output, now);
}

/** Seconds left of a task at its pace so far. */
function paceOf(now: () => number): (standing: Standing) => number | undefined {
  let started: { task: string; atMs: number; done: number } | undefined;
  return ({ task, done, total, secondsLeft }) => {
    if (started?.task !== task || done < started.done) started = { task, atMs: now(), done };
    if (secondsLeft !== undefined) return secondsLeft;
    const elapsed = (now() - started.atMs) / 1000;
    return done > started.done && elapsed > 1 ? (elapsed / (done - started.done)) * (total - done) : undefined;
  };
}

function factsOf({ done, total, facts = [] }: Standing, secondsLeft: number | undefined): string[] {
  const left = secondsLeft === undefined || done >= total ? [] : [`${formatDuration(secondsLeft)} left`];
  return [`${formatCount(done)}/${formatCount(total)}`, ...facts, ...left];
}

function lineProgress(output: Output, now: () => number): Progress {
  const pace = paceOf(now);
  let last = { task: "", tenth: 0, atMs: 0 };
  return {
    show: (standing) => {
      const { task, done, total } = standing;
      const secondsLeft = pace(standing);
      const tenth = Math.floor((10 * done) / Math.max(total, 1));
      const time = now();
      if (task !== last.task) last = { task, tenth, atMs: time };
      const waited = time - last.atMs;
      if (waited < lineAtLatestMs && (tenth === last.tenth || waited < lineAfterMs)) return;
      last = { task, tenth, atMs: time };
      output.write(`${task} ${factsOf(standing, secondsLeft).join(", ")}\n`);
    },
    say: (line) => output.write(`${line}\n`),
    clear: () => undefined,
    end: () => undefined,
  };
}

/** One line of at most `columns` characters; the bar shrinks first, then facts go. */
export function barLine(standing: Standing, secondsLeft: number | undefined, columns: number): string {
  const facts = factsOf(standing, secondsLeft);
  const share = Math.min(1, standing.done / Math.max(standing.total, 1));
  for (;;) {
    const ending = facts.join("  ");
    const room = columns - standing.task.length - ending.length - 2;
    const width = Math.min(widestBar, room);
    if (width >= narrowestBar) {
      const filled = Math.round(share * width);
      return `${standing.task} ${"█".repeat(filled)}${"░".repeat(width - filled)} ${ending}`;
    }
    if (facts.length === 1) return `${standing.task} ${ending}`.slice(0, Math.max(columns, 0));
    // The number of steps and the time left are what people look for.
    facts.splice(facts.length > 2 ? -2 : -1, 1);
  }
}

function barProgress(output: Output, now: () => number): Progress {
  const pace = paceOf(now);
  let shown: { standing: Standing; secondsLeft: number | undefined } | undefined;
  /** Characters that are on the bar's line now. */
  let drawn = 0;
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  // The last column stays free: some terminals wrap as soon as it is written.
  const columns = (): number => (output.columns || 80) - 1;
  const erase = (): void => {
    if (drawn === 0) return;
    // A terminal that was made narrower has wrapped the line: go up to where it starts.
    const rowsAbove = Math.ceil(drawn / (columns() + 1)) - 1;
    output.write(`\r${rowsAbove > 0 ? `\u001b[${rowsAbove}A` : ""}\u001b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    if (!shown) return;
    const line = barLine(shown.standing, shown.secondsLeft, columns());
    output.write(`\r${paint(output, line)}\u001b[K`);
    drawn = line.length;
    drawnAtMs = now();
  };
  const resize = (): void => {
    erase();
    draw();
  };
  output.on?.("resize", resize);
  const clear = (): void => {
    erase();
    shown = undefined;
  };
  return {
    show: (standing) => {
      const isNew = shown?.standing.task !== standing.task;
      shown = { standing, secondsLeft: pace(standing) };
      if (isNew || standing.done >= standing.total || now() - drawnAtMs >= redrawEveryMs) draw();
    },
    say: (line) => {
      erase();
      output.write(`${line}\n`);
      draw();
    },
    clear,
    end: () => {
      clear();
      output.off?.("resize", resize);
    },
  };
}

/** The bar's filled part in green, where colours are wanted. */
function paint(output: Output, line: string): string {
  if (!output.hasColors?.()) return line;
  return line.replace(/█+/, "\u001b[32m$&\u001b[39m");
}
