/** ONNX Runtime's C API, called on the shared library that onnxruntime-node ships.
 *
 * The package's own JavaScript binding copies every output of a run into new memory, about 0.2 ms and 1 MB
 * of garbage per MB; the C API writes them in place.
 *
 * Source: onnxruntime_c_api.h of ONNX Runtime 1.23 (MIT). Its struct of functions only ever grows at its
 * end, so an older header's indices hold for every later library. */

import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import koffi from "koffi";
// The session thread loads this file, and should start soon: it needs no more of the core.
import { GalateaError } from "../../core/base/index.ts";
import { loadPinned } from "./pinned-library.ts";

/** ORT_API_VERSION of the header that the indices below were read from. */
const apiVersion = 23;

/** - `text`: a zero-terminated string; `path`: the same, on Windows of 16-bit characters
 *  - `status`: null when the call succeeded; an error otherwise, which becomes an exception */
type CType = "pointer" | "int" | "size" | "text" | "path" | "void" | "status";

/** An address, or an array that stands for the address of its first element. */
type Pointer = bigint | BigUint64Array | BigInt64Array | Uint8Array | null;

interface ArgumentOf {
  pointer: Pointer;
  int: number;
  size: number;
  text: string;
  path: string;
}

interface ResultOf {
  pointer: bigint | null;
  int: number;
  text: string;
  void: undefined;
  status: undefined;
}

interface CFunction {
  readonly index: number;
  readonly takes: readonly (keyof ArgumentOf)[];
  readonly gives: keyof ResultOf;
}

/** Members of OrtApi, under the header's names. */
const functions = {
  CreateStatus: { index: 0, takes: ["int", "text"], gives: "pointer" },
  GetErrorCode: { index: 1, takes: ["pointer"], gives: "int" },
  GetErrorMessage: { index: 2, takes: ["pointer"], gives: "text" },
  CreateEnv: { index: 3, takes: ["int", "text", "pointer"], gives: "status" },
  DisableTelemetryEvents: { index: 6, takes: ["pointer"], gives: "status" },
  CreateSessionFromArray: { index: 8, takes: ["pointer", "pointer", "size", "pointer", "pointer"], gives: "status" },
  Run: {
    index: 9,
    takes: ["pointer", "pointer", "pointer", "pointer", "size", "pointer", "size", "pointer"],
    gives: "status",
  },
  CreateSessionOptions: { index: 10, takes: ["pointer"], gives: "status" },
  SetOptimizedModelFilePath: { index: 11, takes: ["pointer", "path"], gives: "status" },
  SetSessionExecutionMode: { index: 13, takes: ["pointer", "int"], gives: "status" },
  EnableProfiling: { index: 14, takes: ["pointer", "path"], gives: "status" },
  DisableMemPattern: { index: 17, takes: ["pointer"], gives: "status" },
  SetSessionGraphOptimizationLevel: { index: 23, takes: ["pointer", "int"], gives: "status" },
  SetIntraOpNumThreads: { index: 24, takes: ["pointer", "int"], gives: "status" },
  SetInterOpNumThreads: { index: 25, takes: ["pointer", "int"], gives: "status" },
  CreateTensorAsOrtValue: { index: 48, takes: ["pointer", "pointer", "size", "int", "pointer"], gives: "status" },
  CreateTensorWithDataAsOrtValue: {
    index: 49,
    takes: ["pointer", "pointer", "size", "pointer", "size", "int", "pointer"],
    gives: "status",
  },
  GetTensorMutableData: { index: 51, takes: ["pointer", "pointer"], gives: "status" },
  CreateMemoryInfo: { index: 68, takes: ["text", "int", "int", "int", "pointer"], gives: "status" },
  AllocatorFree: { index: 76, takes: ["pointer", "pointer"], gives: "status" },
  GetAllocatorWithDefaultOptions: { index: 78, takes: ["pointer"], gives: "status" },
  ReleaseEnv: { index: 92, takes: ["pointer"], gives: "void" },
  ReleaseStatus: { index: 93, takes: ["pointer"], gives: "void" },
  ReleaseMemoryInfo: { index: 94, takes: ["pointer"], gives: "void" },
  ReleaseSession: { index: 95, takes: ["pointer"], gives: "void" },
  ReleaseValue: { index: 96, takes: ["pointer"], gives: "void" },
  ReleaseSessionOptions: { index: 100, takes: ["pointer"], gives: "void" },
  SessionEndProfiling: { index: 110, takes: ["pointer", "pointer", "pointer"], gives: "status" },
  AddSessionConfigEntry: { index: 130, takes: ["pointer", "text", "text"], gives: "status" },
  CreateAllocator: { index: 131, takes: ["pointer", "pointer", "pointer"], gives: "status" },
  ReleaseAllocator: { index: 132, takes: ["pointer"], gives: "void" },
  SessionOptionsAppendExecutionProvider: {
    index: 216,
    takes: ["pointer", "text", "pointer", "pointer", "size"],
    gives: "status",
  },
  CopyTensors: { index: 386, takes: ["pointer", "pointer", "pointer", "pointer", "size"], gives: "status" },
} as const satisfies Record<string, CFunction>;

type Functions = typeof functions;
type ArgumentsOf<T extends readonly (keyof ArgumentOf)[]> = { readonly [I in keyof T]: ArgumentOf[T[I]] };

/** The functions above. Those that report a status throw a plain `Error` with the runtime's message. */
export type OrtApi = {
  readonly [N in keyof Functions]: (...args: ArgumentsOf<Functions[N]["takes"]>) => ResultOf[Functions[N]["gives"]];
};

export interface OrtLibrary {
  /** Such as 1.30.0. */
  readonly version: string;
  readonly api: OrtApi;
}

const koffiTypes: Readonly<Record<CType, string>> = {
  pointer: "void *",
  status: "void *",
  int: "int",
  size: "size_t",
  text: "str",
  path: process.platform === "win32" ? "str16" : "str",
  void: "void",
};

/** A member of a struct of function pointers. */
function functionAt(struct: bigint, { index, takes, gives }: CFunction): (...args: readonly unknown[]) => unknown {
  const prototype = koffi.proto(
    koffiTypes[gives],
    takes.map((type) => koffiTypes[type]),
  );
  const address: unknown = koffi.decode(struct, index * koffi.sizeof("void *"), "void *");
  return koffi.decode(address, prototype);
}

/** The file of the library for this machine; its name carries a version that differs between systems. */
function libraryPath(): string {
  const root = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  const file = /^(libonnxruntime\.so[.\d]*|libonnxruntime[.\d]*\.dylib|onnxruntime\.dll)$/;
  try {
    for (const abi of readdirSync(join(root, "bin")).sort().reverse()) {
      const folder = join(root, "bin", abi, process.platform, process.arch);
      // Where a library lies there under several names, the shortest is the one that others link to.
      const [name] = readdirSync(folder)
        .filter((entry) => file.test(entry))
        .sort((a, b) => a.length - b.length);
      if (name) return join(folder, name);
    }
  } catch {
    // A folder that is missing says the same as one that is empty.
  }
  const seen = `has no ONNX Runtime for ${process.platform}-${process.arch}`;
  throw new GalateaError("backend", "onnxruntime-node", seen, "it supports linux, win32 and darwin on 64 bits");
}

function load(): OrtLibrary {
  const path = libraryPath();
  try {
    const library = loadPinned(path);
    const base = library.func("OrtGetApiBase", "void *", [])() as bigint;
    const version = functionAt(base, { index: 1, takes: [], gives: "text" })() as string;
    const struct = functionAt(base, { index: 0, takes: ["int"], gives: "pointer" })(apiVersion) as bigint | null;
    if (struct === null) throw new Error(`ONNX Runtime ${version} does not offer version ${apiVersion} of its C API`);
    const raw = Object.fromEntries(
      Object.entries<CFunction>(functions).map(([name, member]) => [name, functionAt(struct, member)]),
    ) as unknown as OrtApi;
    checkTable(raw, version);
    return { version, api: throwing(raw) };
  } catch (error) {
    throw new GalateaError("backend", path, String((error as Error).message), undefined, { cause: error });
  }
}

/** Calls what takes no handle, so that a table that does not fit the library ends in a message, not in a crash. */
function checkTable(api: OrtApi, version: string): void {
  const code = 5; // ORT_ENGINE_ERROR, any but success
  const status = api.CreateStatus(code, "probe");
  const ok = status !== null && api.GetErrorCode(status) === code && api.GetErrorMessage(status) === "probe";
  if (!ok) throw new Error(`the C API of ONNX Runtime ${version} is not laid out as expected`);
  api.ReleaseStatus(status);
}

function throwing(raw: OrtApi): OrtApi {
  const wrap = (call: (...args: readonly never[]) => unknown) => {
    return (...args: readonly never[]): void => {
      const status = call(...args) as bigint | null;
      if (status === null) return;
      const message = raw.GetErrorMessage(status);
      raw.ReleaseStatus(status);
      throw new Error(message);
    };
  };
  const entries = Object.entries<CFunction>(functions).map(([name, { gives }]) => {
    const call = raw[name as keyof OrtApi];
    return [name, gives === "status" ? wrap(call as never) : call];
  });
  return Object.fromEntries(entries) as OrtApi;
}

/** One for each thread: a library once loaded stays, and so do koffi's descriptions of its functions. */
let loaded: OrtLibrary | undefined;

/**
 * Loads ONNX Runtime, once.
 * @throws GalateaError `backend` when there is none for this machine or it is not what it should be.
 */
export function ortLibrary(): OrtLibrary {
  loaded ??= load();
  return loaded;
}

/** Version of the ONNX Runtime that programs run on. */
export function onnxRuntimeVersion(): string {
  return ortLibrary().version;
}

/** Calls a function that creates something and stores its address. */
export function created(call: (out: BigUint64Array) => void): bigint {
  const out = new BigUint64Array(1);
  call(out);
  return out[0];
}
