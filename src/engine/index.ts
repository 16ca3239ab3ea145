/** From graphs to numbers: the backend interface, jit, state on the device, the reference interpreter.
 * Knows no runtime; backends live under platform/. */

export {
  type Backend,
  type CompileOptions,
  type DeviceBuffer,
  type HostTensor,
  isHostTensor,
  type Operand,
  type Program,
  type RecordedProgram,
} from "./backend.ts";
export * from "./interpreter/index.ts";
export { type Arguments, checkOperands, compileFunction, type Jitted, jit } from "./jit.ts";
export type { LoadedModel, ModelValue } from "./loaded-model.ts";
export type { KernelOrigin, RecordedKernel, RecordedValue, Recording } from "./recording.ts";
export {
  compileUpdate,
  createState,
  type DeviceState,
  type StartingState,
  type StateTree,
  type Update,
} from "./state.ts";
