/** ONNX files of other people's making, run through the runtime's own JavaScript binding: it learns the sizes of
 * outputs from each run, which our sessions fix when a program is compiled. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { GalateaError, type HostArray } from "../../core/index.ts";
import type { HostTensor, LoadedModel, ModelValue } from "../../engine/index.ts";
import { elementTypes } from "./native-tensor.ts";

type Binding = typeof import("onnxruntime-node");
type Session = Awaited<ReturnType<Binding["InferenceSession"]["create"]>>;
type Metadata = Session["inputMetadata"][number];

export interface LoadOptions {
  readonly threads: number;
}

function describe(value: Metadata): ModelValue {
  if (!value.isTensor) return { name: value.name, dtype: "none", shape: [] };
  const shape = value.shape.map((size) => (typeof size === "number" && size > 0 ? size : undefined));
  return { name: value.name, dtype: value.type, shape };
}

/**
 * Opens an ONNX file to be run on the CPU. Weights that lie in files beside it are found there.
 * @throws GalateaError `data` when the file cannot be read or the runtime does not take it for a model.
 */
export async function loadOnnxModel(path: string, { threads }: LoadOptions): Promise<LoadedModel> {
  // Loaded when first needed: no other command has a use for the binding.
  const ort = (await import("onnxruntime-node")).default as unknown as Binding;
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new GalateaError("data", path, `cannot be read: ${cause.message}`, "name an ONNX file", { cause });
  });
  let session: Session;
  try {
    session = await ort.InferenceSession.create(path, { intraOpNumThreads: threads, logSeverityLevel: 4 });
  } catch (cause) {
    const seen = `ONNX Runtime does not take it: ${(cause as Error).message}`;
    throw new GalateaError("data", path, seen, "name an ONNX file", { cause });
  }
  return {
    name: basename(path),
    sha256: createHash("sha256").update(bytes).digest("hex"),
    inputs: session.inputMetadata.map(describe),
    outputs: session.outputMetadata.map(describe),
    run: async (inputs) => {
      try {
        const feeds = Object.entries(inputs).map(([name, { dtype, shape, data }]) => {
          return [name, new ort.Tensor(dtype, data as never, shape)] as const;
        });
        const outputs = await session.run(Object.fromEntries(feeds));
        return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, toHost(name, tensor)]));
      } catch (cause) {
        if (cause instanceof GalateaError) throw cause;
        throw new GalateaError("backend", path, (cause as Error).message, undefined, { cause });
      }
    },
    dispose: () => session.release(),
  };
}

function toHost(name: string, tensor: InstanceType<Binding["Tensor"]>): HostTensor {
  if (!(tensor.type in elementTypes)) {
    throw new GalateaError(
      "backend",
      name,
      `it is ${tensor.type}`,
      `it must be ${Object.keys(elementTypes).join(", ")}`,
    );
  }
  return {
    dtype: tensor.type as HostTensor["dtype"],
    shape: tensor.dims,
    data: tensor.data.slice() as unknown as HostArray,
  };
}
