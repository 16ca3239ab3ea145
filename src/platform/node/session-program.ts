/** One program of a session backend: what its runs read and write, and in which memory. */

import koffi from "koffi";
import { GalateaError, type HostArray, type Overwrites, type TensorType } from "../../core/index.ts";
import {
  checkOperands,
  type DeviceBuffer,
  type HostTensor,
  isHostTensor,
  type Operand,
  type Program,
} from "../../engine/index.ts";
import {
  allocateTensor,
  checkNumbers,
  copyOfTensor,
  fillTensor,
  freeTensor,
  type NativeTensor,
} from "./native-tensor.ts";
import type { OrtApi } from "./ort-library.ts";
import type { SessionThread } from "./session-thread.ts";

/** What a program needs of its backend. */
export interface ProgramHost {
  readonly api: OrtApi;
  readonly thread: SessionThread;
  /** Those that were not disposed. */
  readonly programs: Set<SessionProgram>;
  /** Address of a buffer's OrtValue. Throws when the buffer is of another backend or disposed. */
  valueOf(buffer: DeviceBuffer, label: string): bigint;
  /** Throws when the backend cannot carry numbers that come from the host. */
  requireCarried(where: string, data: HostArray): void;
}

/** Memory of one run in flight: addresses of its operands, and what goes to or comes from the host. */
interface Frame {
  readonly inputs: Slots;
  readonly outputs: Slots;
}

interface Slots {
  /** OrtValues in the program's order, as the runtime reads them. */
  readonly values: BigUint64Array;
  readonly address: bigint;
  /** Staging memory, allocated when a slot first needs it. */
  readonly staged: (NativeTensor | undefined)[];
}

/** Two runs in flight keep the thread busy; one more may be prepared. Further frames are freed after use. */
const framesKept = 3;

function slots(count: number): Slots {
  const values = new BigUint64Array(count);
  return { values, address: koffi.address(values), staged: new Array<undefined>(count) };
}

/** What a program is. */
export interface ProgramParts {
  readonly session: number;
  readonly label: string;
  readonly inputs: readonly TensorType[];
  readonly outputs: readonly TensorType[];
  readonly overwrites: Overwrites;
}

export class SessionProgram implements Program {
  readonly inputs: readonly TensorType[];
  readonly outputs: readonly TensorType[];
  readonly overwrites: Overwrites;
  private readonly host: ProgramHost;
  private readonly session: number;
  private readonly label: string;
  private readonly idle: Frame[] = [];
  private disposed = false;

  constructor(host: ProgramHost, { session, label, inputs, outputs, overwrites }: ProgramParts) {
    this.host = host;
    this.session = session;
    this.label = label;
    this.inputs = inputs;
    this.outputs = outputs;
    this.overwrites = overwrites;
  }

  /** Everything up to the request happens before this returns: callers may reuse what they passed. */
  async run(
    operands: readonly Operand[],
    into: readonly (DeviceBuffer | undefined)[] = this.outputs.map(() => undefined),
  ): Promise<readonly HostTensor[]> {
    this.check(operands, into);
    const frame = this.idle.pop() ?? { inputs: slots(this.inputs.length), outputs: slots(this.outputs.length) };
    try {
      this.bind(frame, operands, into);
      const addresses = { inputs: frame.inputs.address, outputs: frame.outputs.address };
      const onDevice = into.every((buffer) => buffer !== undefined);
      await this.host.thread.request({ kind: "run", session: this.session, onDevice, ...addresses }, this.label);
      return this.outputs.flatMap(({ dtype, shape }, i) => {
        const result = into[i] ? undefined : frame.outputs.staged[i];
        return result ? [{ dtype, shape, data: copyOfTensor(result) }] : [];
      });
    } finally {
      if (this.disposed || this.idle.length >= framesKept) this.free(frame);
      else this.idle.push(frame);
    }
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    this.host.programs.delete(this);
    const released = this.host.thread.request({ kind: "release", session: this.session }, this.label);
    for (const frame of this.idle.splice(0)) this.free(frame);
    await released;
  }

  private check(operands: readonly Operand[], into: readonly (DeviceBuffer | undefined)[]): void {
    const { label, outputs } = this;
    if (this.disposed) throw new GalateaError("backend", label, "the program was disposed");
    checkOperands(label, this.inputs, operands);
    if (into.length !== outputs.length) {
      throw new GalateaError("backend", label, `got ${into.length} output buffers`, `it gives ${outputs.length}`);
    }
    operands.forEach((operand, i) => {
      if (!isHostTensor(operand)) return;
      checkNumbers(label, `operand ${i}`, operand, operand.data);
      this.host.requireCarried(`${label}, operand ${i}`, operand.data);
    });
    // The runtime would read what it has already overwritten, without a word.
    const reads = new Map<Operand, number>();
    const used = new Set<Operand>();
    operands.forEach((operand, i) => {
      if (reads.has(operand)) used.add(operand);
      reads.set(operand, i);
    });
    into.forEach((buffer, i) => {
      if (!buffer) return;
      checkOperands(`${label}, output ${i}`, [outputs[i]], [buffer]);
      const read = reads.get(buffer);
      if (used.has(buffer) || (read !== undefined && !this.overwrites(i, read))) {
        const right = "it must be no other output of the run, and no input that the output does not overwrite";
        throw new GalateaError("backend", label, `the buffer of output ${i} is used twice`, right);
      }
      used.add(buffer);
    });
  }

  private bind(frame: Frame, operands: readonly Operand[], into: readonly (DeviceBuffer | undefined)[]): void {
    operands.forEach((operand, i) => {
      if (!isHostTensor(operand)) {
        frame.inputs.values[i] = this.host.valueOf(operand, this.label);
        return;
      }
      const staged = this.staging(frame.inputs, i, this.inputs[i]);
      fillTensor(staged, operand.data);
      frame.inputs.values[i] = staged.value;
    });
    into.forEach((buffer, i) => {
      const given = buffer && this.host.valueOf(buffer, this.label);
      frame.outputs.values[i] = given ?? this.staging(frame.outputs, i, this.outputs[i]).value;
    });
  }

  private staging({ staged }: Slots, index: number, type: TensorType): NativeTensor {
    staged[index] ??= allocateTensor(this.host.api, type);
    return staged[index];
  }

  private free({ inputs, outputs }: Frame): void {
    for (const tensor of [...inputs.staged, ...outputs.staged]) if (tensor) freeTensor(this.host.api, tensor);
  }
}
