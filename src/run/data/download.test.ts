import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listData, resolveNamed } from "./catalog.ts";
import { download, type RemoteFile } from "./download.ts";
import type { NamedData } from "./named-data.ts";

const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) >>> 5));
const sha256 = createHash("sha256").update(content).digest("hex");

let folder: string;
let path: string;
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "galatea-download-"));
  path = join(folder, "cache", "file");
});
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a real server on this machine; returns its address. */
async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

function fileAt(url: string): RemoteFile {
  return { url, sha256, bytes: content.length };
}

/** Nothing under the final name, and nothing under a temporary one either. */
function expectNothingKept(): void {
  expect(existsSync(path)).toBe(false);
  expect(existsSync(join(folder, "cache")) ? readdirSync(join(folder, "cache")) : []).toEqual([]);
}

describe("a good file", () => {
  test("is kept under its name, and nothing else; progress counts to its end", async () => {
    const address = await serve((_, response) => response.end(content));
    const seen: number[] = [];
    await download(fileAt(`${address}/file`), path, {
      onProgress: (done, total) => {
        expect(total).toBe(content.length);
        expect(existsSync(path)).toBe(false);
        seen.push(done);
      },
    });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(readdirSync(join(folder, "cache"))).toEqual(["file"]);
    expect(seen.at(-1)).toBe(content.length);
  });

  test("packed, it is unpacked on the way; also when the server declares the packing as its transport's", async () => {
    const address = await serve((request, response) => {
      if (request.url === "/declared.gz") response.setHeader("content-encoding", "gzip");
      response.end(gzipSync(content));
    });
    for (const name of ["file.gz", "declared.gz"]) {
      await download(fileAt(`${address}/${name}`), path);
      expect(readFileSync(path).equals(content)).toBe(true);
      rmSync(path);
    }
  });
});

describe("whatever goes wrong, nothing is kept", () => {
  async function fails(file: RemoteFile, message: RegExp, code = "data"): Promise<void> {
    await expect(download(file, path, { idleTimeoutMs: 300 })).rejects.toMatchObject({
      name: "GalateaError",
      code,
      message: expect.stringMatching(message),
    });
    expectNothingKept();
  }

  test("another hash", async () => {
    const changed = Buffer.from(content);
    changed[200_000] ^= 1;
    const found = createHash("sha256").update(changed).digest("hex");
    const address = await serve((_, response) => response.end(changed));
    await fails(
      fileAt(`${address}/file`),
      new RegExp(`/file: the SHA-256 of what it sent is ${found}; ${sha256} is expected; nothing was kept$`),
    );
  });

  test("a body that ends before its declared length", async () => {
    const address = await serve((_, response) => {
      response.writeHead(200, { "content-length": content.length });
      response.write(content.subarray(0, 100_000), () => response.destroy());
    });
    await fails(fileAt(`${address}/file`), /\/file: cannot be fetched: .+; check the network and try again/);
  });

  test("a body that is whole for the server but too short, or too long", async () => {
    const address = await serve((request, response) => {
      response.end(request.url === "/short" ? content.subarray(0, 1000) : Buffer.concat([content, content]));
    });
    await fails(fileAt(`${address}/short`), /sent 1000 of 300000 bytes; try again; nothing was kept/);
    await fails(fileAt(`${address}/long`), /sent more than 300000 bytes; the file at this address has changed/);
  });

  test("gzip that is cut, and what is no gzip", async () => {
    const packed = gzipSync(content);
    const address = await serve((request, response) => {
      response.end(request.url === "/cut.gz" ? packed.subarray(0, packed.length / 2) : "<html>Sign in</html>");
    });
    await fails(fileAt(`${address}/cut.gz`), /truncated or damaged gzip \(unexpected end of file\)/);
    await fails(fileAt(`${address}/page.gz`), /truncated or damaged gzip \(incorrect header check\)/);
  });

  test("404, a server that is not there, one that falls silent", async () => {
    const address = await serve((request, response) => {
      if (request.url === "/silent") response.write(content.subarray(0, 10));
      else response.writeHead(404).end("no such thing");
    });
    await fails(fileAt(`${address}/none`), /\/none: the server answered 404 Not Found; the data set is not/);
    await fails(fileAt(`${address}/silent`), /\/silent: cannot be fetched: no bytes for 300 ms/);
    await fails(fileAt("http://127.0.0.1:9/file"), /cannot be fetched: (connect ECONNREFUSED|bad port)/);
  });

  test("a folder that cannot be written is storage's matter, not the network's", async () => {
    writeFileSync(join(folder, "plain"), "");
    const address = await serve((_, response) => response.end(content));
    await expect(download(fileAt(`${address}/file`), join(folder, "plain", "file"))).rejects.toMatchObject({
      code: "storage",
    });
  });
});

test("a named data set is fetched once, then found in the cache; a damaged copy is fetched again", async () => {
  const images = Buffer.concat([Buffer.from([0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2]), Buffer.alloc(10, 7)]);
  const labels = Buffer.concat([Buffer.from([0, 0, 8, 1, 0, 0, 0, 5]), Buffer.from([0, 1, 2, 1, 0])]);
  const files: Readonly<Record<string, Buffer>> = {
    "/train-images-idx3-ubyte.gz": images,
    "/train-labels-idx1-ubyte.gz": labels,
  };
  const requests: string[] = [];
  const address = await serve((request, response) => {
    requests.push(request.url ?? "");
    response.end(gzipSync(files[request.url ?? ""]));
  });
  const remote = Object.entries(files).map(([name, bytes]) => ({
    url: address + name,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    bytes: bytes.length,
  }));
  const named: NamedData = { name: "tiny", description: "five images", inDataFolder: true, remote };
  const cacheFolder = join(folder, "cache");
  await expect(resolveNamed(named, {})).rejects.toThrow("tiny: not on this machine; give a cache folder");

  const progress: string[] = [];
  const options = {
    cacheFolder,
    onProgress: (done: number, total: number, unit: string) => progress.push(`${done}/${total} ${unit}`),
  };
  const { train, name, description } = await resolveNamed(named, options);
  expect({ name, description, count: train.count, classes: train.classes }).toEqual({
    name: "tiny",
    description: "five images",
    count: 3,
    classes: ["0", "1", "2"],
  });
  expect(progress.at(-1)).toBe(`${images.length + labels.length}/${images.length + labels.length} bytes`);
  expect(readdirSync(join(cacheFolder, "tiny")).sort()).toEqual(["train-images-idx3-ubyte", "train-labels-idx1-ubyte"]);
  expect(requests).toHaveLength(2);

  await resolveNamed(named, options);
  expect(requests).toHaveLength(2);
  writeFileSync(join(cacheFolder, "tiny", "train-labels-idx1-ubyte"), labels.subarray(0, 9));
  await resolveNamed(named, options);
  expect(requests).toEqual([...Object.keys(files), "/train-labels-idx1-ubyte.gz"]);
  const names = (await listData({ cacheFolder })).map((listing) => listing.name);
  expect(names.slice(0, 2)).toEqual(["digits", "mnist"]);
});
