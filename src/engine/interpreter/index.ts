/** The reference interpreter: graphs to numbers in plain float64 TypeScript, one obvious loop an op. Every
 * backend is checked against it, and constants are folded by it. It is slow, and must stay obvious. */

export { erf } from "./erf.ts";
export { evaluateConstants, evaluateNode, interpret } from "./interpret.ts";
export { type Kernel, type Kernels, kernels } from "./kernels.ts";
export { fromHost, type HostValue, hostValue, toHost } from "./value.ts";
