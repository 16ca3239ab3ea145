/** What jax-js needs of a browser to use several threads: `Worker` over Node's own, and how many there may be.
 *
 * Import it before jax-js, which looks for both when it is loaded. */

import { resolveObjectURL } from "node:buffer";
import { parseArgs } from "node:util";
import { Worker as NodeWorker } from "node:worker_threads";

const { values } = parseArgs({ options: { threads: { type: "string", default: "1" } }, allowPositionals: true });

const prelude = `
const { parentPort } = require("node:worker_threads");
globalThis.self = globalThis;
globalThis.postMessage = (message) => parentPort.postMessage(message);
parentPort.on("message", (data) => self.onmessage({ data }));
`;

class WebWorker {
  /** @type {Promise<NodeWorker>} */
  #started;

  /** @param {string} url */
  constructor(url) {
    this.#started = this.#start(url);
  }

  /** @param {string} url */
  async #start(url) {
    const source = await resolveObjectURL(url)?.text();
    const worker = new NodeWorker(prelude + source, { eval: true });
    worker.on("message", (data) => this.onmessage?.({ data }));
    worker.on("error", (error) => this.onerror?.(error));
    return worker;
  }

  /** @param {unknown} message */
  postMessage(message) {
    void this.#started.then((worker) => worker.postMessage(message));
  }
}

if (Number(values.threads) > 1) {
  Object.defineProperty(globalThis, "Worker", { value: WebWorker });
  Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: Number(values.threads) } });
}
