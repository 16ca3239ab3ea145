/** Fetching one file from its public address, checked before it gets its name. */

import { createHash } from "node:crypto";
import { pipeline, Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { createGunzip } from "node:zlib";
import { GalateaError } from "../../core/base/index.ts";
import { writeAtomically } from "../files.ts";

export interface RemoteFile {
  /** An address that ends in `.gz` is unpacked on the way. */
  readonly url: string;
  /** Of the unpacked bytes (so that it does not depend on who packed them), hexadecimal. */
  readonly sha256: string;
  /** Unpacked size in bytes. */
  readonly bytes: number;
}

export interface DownloadOptions {
  /** Longest wait for the next bytes, milliseconds; default 30,000. */
  readonly idleTimeoutMs?: number;
  /** Called as bytes come in: unpacked bytes so far, and in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Fetches a file to `path`, unpacked. It streams to a temporary name and is renamed only when its size
 * and SHA-256 are right; until then nothing is under `path`.
 *
 * @throws GalateaError `data` when the server cannot be reached, refuses, stops half-way or sends
 *   something else; `storage` when the file cannot be written.
 */
export async function download(file: RemoteFile, path: string, options: DownloadOptions = {}): Promise<void> {
  const { url, sha256, bytes } = file;
  const wrong = (what: string, right: string): GalateaError =>
    new GalateaError("data", url, what, `${right}; nothing was kept`);
  await writeAtomically(path, async (handle) => {
    const hash = createHash("sha256");
    let received = 0;
    for await (const chunk of unpackedBody(url, options.idleTimeoutMs ?? 30_000)) {
      received += chunk.length;
      if (received > bytes) throw wrong(`sent more than ${bytes} bytes`, "the file at this address has changed");
      hash.update(chunk);
      await handle.writeFile(chunk);
      options.onProgress?.(received, bytes);
    }
    if (received < bytes) throw wrong(`sent ${received} of ${bytes} bytes`, "try again");
    const found = hash.digest("hex");
    if (found !== sha256) throw wrong(`the SHA-256 of what it sent is ${found}`, `${sha256} is expected`);
  });
}

/** The body's unpacked bytes. Whatever goes wrong on the way is thrown as GalateaError `data`. */
async function* unpackedBody(url: string, idleTimeoutMs: number): AsyncGenerator<Uint8Array, void, undefined> {
  const abort = new AbortController();
  const idle = new Error(`no bytes for ${idleTimeoutMs} ms`);
  const timer = setTimeout(() => abort.abort(idle), idleTimeoutMs);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || response.body === null) {
      const what = `the server answered ${response.status} ${response.statusText}`.trimEnd();
      throw new GalateaError("data", url, what, "the data set is not (or no longer) at this address");
    }
    const body = Readable.fromWeb(response.body as ReadableStream);
    // A server that declares the packing as its transport's has it undone by `fetch`.
    const packed = new URL(url).pathname.endsWith(".gz") && !response.headers.has("content-encoding");
    const unpacked = packed ? pipeline(body, createGunzip(), () => undefined) : body;
    for await (const chunk of unpacked as AsyncIterable<Uint8Array>) {
      timer.refresh();
      yield chunk;
      timer.refresh();
    }
  } catch (cause) {
    throw fetchError(url, cause);
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

function fetchError(url: string, cause: unknown): GalateaError {
  if (cause instanceof GalateaError) return cause;
  // `fetch` says only "fetch failed" or "terminated"; what happened is in its cause.
  let deepest = cause;
  while (deepest instanceof Error && deepest.cause instanceof Error) deepest = deepest.cause;
  const { message, code = "" } = deepest as NodeJS.ErrnoException;
  const what = code.startsWith("Z_") ? `what it sent is truncated or damaged gzip (${message})` : message || code;
  return new GalateaError("data", url, `cannot be fetched: ${what}`, "check the network and try again", { cause });
}
