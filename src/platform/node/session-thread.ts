/** The main thread's end of the session thread: one request, one reply, in order. */

import { Worker, type WorkerOptions } from "node:worker_threads";
import { GalateaError } from "../../core/index.ts";
import { signals } from "./session-signals.ts";
import type { Message, Reply, Request, SessionRequest } from "./session-worker.ts";

interface Pending {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function ignore(): void {}

/** Longer than a step takes. */
const longestHaltMs = 20_000;

/** A worker inherits Node's options, of which it refuses `--input-type`: there it gets module loaders only. */
function workerOptions(): WorkerOptions {
  const options = process.execArgv;
  if (!options.some((option) => option.startsWith("--input-type"))) return {};
  const execArgv = options.filter((option, i) => option.startsWith("--import") || options[i - 1] === "--import");
  return { execArgv };
}

/** A thread that keeps the process alive only while it has something to do. */
export class SessionThread {
  private readonly worker: Worker;
  private readonly flags = new Int32Array(new SharedArrayBuffer(4 * signals.count));
  private readonly pending = new Map<number, Pending>();
  /** Why the thread is gone. */
  private failure: string | undefined;
  private closing = false;
  private count = 0;
  private sessions = 0;
  /** The last request; it settles after all before it. */
  private last: Promise<void> = Promise.resolve();
  /** Set while something waits to be done between requests: later requests wait for it. */
  private gate: Promise<void> | undefined;

  constructor() {
    // The thread's file has this file's own extension: .ts under a TypeScript loader, .js when built.
    const file = import.meta.url.endsWith(".ts") ? "./session-worker.ts" : "./session-worker.js";
    this.worker = new Worker(new URL(file, import.meta.url), { ...workerOptions(), workerData: this.flags });
    this.worker.on("message", (reply: Reply) => this.receive(reply));
    this.worker.on("error", (error: Error) => this.fail(error.message));
    this.worker.on("exit", (code) => this.fail(`the session thread ended with code ${code}`));
    this.worker.unref();
  }

  /**
   * Sends a request before it returns, so that requests are handled in the order of these calls.
   * @param label names the program or purpose in errors
   */
  request(request: Request, label: string): Promise<void> {
    if (this.closing) return Promise.reject(new GalateaError("backend", label, "the backend was disposed"));
    const { gate } = this;
    const sent = gate === undefined ? this.post(request, label) : gate.then(() => this.post(request, label));
    this.last = sent.then(ignore, ignore);
    return sent;
  }

  /** Compiles a model. @returns the session's number */
  async createSession(session: SessionRequest, label: string): Promise<number> {
    const number = this.sessions++;
    await this.request({ kind: "create", session: number, ...session }, label);
    return number;
  }

  /** Whether nothing is asked for. */
  get isIdle(): boolean {
    return this.gate === undefined && this.pending.size === 0;
  }

  /** Does something on the main thread after all requests made so far and before all that follow. */
  between<T>(work: () => T): Promise<T> {
    if (this.isIdle) return new Promise((resolve) => resolve(work()));
    const earlier = [this.last, this.gate ?? this.last];
    const done = Promise.all(earlier).then(work);
    const gate = done.then(ignore, ignore);
    this.gate = gate;
    gate.then(() => {
      if (this.gate === gate) this.gate = undefined;
    }, ignore);
    return done;
  }

  /** Waits until the request that is being handled is done, and lets none begin after it: for when the process ends. */
  halt(): void {
    Atomics.store(this.flags, signals.halt, 1);
    Atomics.wait(this.flags, signals.busy, 1, longestHaltMs);
  }

  /** Ends the thread after what it has been asked for. */
  async close(): Promise<void> {
    if (this.closing) return;
    const closed = this.request({ kind: "close" }, "dispose");
    this.closing = true;
    await closed.catch(ignore);
    await this.worker.terminate();
  }

  private post(request: Request, label: string): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(new GalateaError("backend", label, this.failure));
    const message: Message = { id: this.count++, request };
    return new Promise((resolve, reject) => {
      this.pending.set(message.id, {
        resolve,
        reject: (error) => reject(new GalateaError("backend", label, error.message)),
      });
      this.worker.ref();
      this.worker.postMessage(message);
    });
  }

  private receive({ id, error }: Reply): void {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    if (this.pending.size === 0) this.worker.unref();
    if (error === undefined) pending?.resolve();
    else pending?.reject(new Error(error));
  }

  private fail(message: string): void {
    this.failure ??= message;
    for (const { reject } of this.pending.values()) reject(new Error(message));
    this.pending.clear();
  }
}
