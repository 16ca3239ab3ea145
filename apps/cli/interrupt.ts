/** Ctrl-C: the first asks the work to stop and save, the second ends the process at once. */

export interface Interrupt {
  /** Aborted at the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** From now on there is something to save: the first Ctrl-C no longer ends the process by itself. */
  letWorkFinish(say: (line: string) => void): void;
  /** Stops listening. */
  end(): void;
}

/** Listens for SIGINT and SIGTERM; exits with 130 at once until `letWorkFinish` is called. */
export function listenForInterrupt(beforeExit: () => void): Interrupt {
  const controller = new AbortController();
  let sayStopping: ((line: string) => void) | undefined;
  const stop = (): void => {
    if (sayStopping === undefined || controller.signal.aborted) {
      beforeExit();
      process.exit(130);
    }
    controller.abort();
    sayStopping("stopping: the run is being saved (again to stop at once)");
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return {
    signal: controller.signal,
    letWorkFinish: (say) => {
      sayStopping = say;
    },
    end: () => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
}
