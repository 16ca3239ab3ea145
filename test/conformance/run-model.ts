/** An ONNX model in the runtime as others run it: through its JavaScript binding, its own optimizer on. */

import ort from "onnxruntime-node";
import { encodeModel, type OnnxModel } from "../../src/core/compile/index.ts";
import type { HostTensor } from "../../src/engine/index.ts";

/** Runs a model once on the CPU. */
export async function runModel(model: OnnxModel, inputs: readonly HostTensor[]): Promise<HostTensor[]> {
  const session = await ort.InferenceSession.create(encodeModel(model), { intraOpNumThreads: 1, logSeverityLevel: 4 });
  try {
    const feeds = Object.fromEntries(
      inputs.map(({ dtype, shape, data }, i) => [model.inputs[i].name, new ort.Tensor(dtype, data as never, shape)]),
    );
    const outputs = await session.run(feeds);
    return model.outputs.map(({ name }) => {
      const { type, dims, data } = outputs[name];
      return { dtype: type as HostTensor["dtype"], shape: dims, data: data.slice() as HostTensor["data"] };
    });
  } finally {
    await session.release();
  }
}
