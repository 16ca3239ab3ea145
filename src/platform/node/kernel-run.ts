/** What the runtime records of a kernel. */

/** An event of the runtime's profile, written when it ended; times in microseconds. */
export interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What one run of a kernel took, and the kernels inside it, such as those of a loop's body. */
export interface KernelRun {
  readonly event: ProfileEvent;
  /** Without kernels inside it. */
  readonly ms: number;
  readonly inner: readonly KernelRun[];
}
