/** Contexts: what a layer may know beyond its parameters and its input. */

import { foldKey, type Tensor } from "../../core/trace/index.ts";

export interface Context {
  /** Whether layers behave as in training: dropout drops, batch norm uses and records the batch's statistics. */
  readonly training: boolean;
  /** The random key of this place in the model, uint32 [2]; absent where nothing random is allowed. */
  readonly key?: Tensor;
  /** Registers the next value of a parameter that is not trained, such as a running statistic. */
  update(parameter: Tensor, value: Tensor): void;
  /** A parameter's value so far: the one last registered, else the parameter itself. */
  current(parameter: Tensor): Tensor;
}

/** A context with the updates that were registered in it. */
export interface RecordingContext extends Context {
  /**
   * From a leaf of the parameters to its next value. A leaf that is here after tracing is state;
   * every other leaf is trained.
   */
  readonly updates: ReadonlyMap<Tensor, Tensor>;
}

function recordingContext(training: boolean, key: Tensor | undefined): RecordingContext {
  const updates = new Map<Tensor, Tensor>();
  return {
    training,
    ...(key && { key }),
    updates,
    update: (parameter, value) => {
      updates.set(parameter, value);
    },
    current: (parameter) => updates.get(parameter) ?? parameter,
  };
}

/** A context for using a trained model: nothing random, nothing registered. */
export function evaluationContext(): RecordingContext {
  return recordingContext(false, undefined);
}

/**
 * A context for one training step.
 *
 * Shapes: the key is uint32 [2], a new one each step.
 * @param key may be left out where no layer is random
 */
export function trainingContext(key?: Tensor): RecordingContext {
  return recordingContext(true, key);
}

/** The same context, but with updates of its own, which reach the context that it came from only by hand. */
export function recordingSubcontext({ training, key, current }: Context): RecordingContext {
  const own = recordingContext(training, key);
  return { ...own, current: (parameter) => own.updates.get(parameter) ?? current(parameter) };
}

/**
 * The same context with the random stream `stream` below its key, for one part of a composition.
 *
 * Updates still reach the context that it came from. `sequential` calls it for each of its layers; who
 * composes by hand calls it for each part, so that no two draw the same numbers.
 * @param stream 0 to 2^32 - 1
 */
export function subcontext(context: Context, stream: number): Context {
  const { training, key } = context;
  return {
    training,
    ...(key && { key: foldKey(key, stream) }),
    update: (parameter, value) => context.update(parameter, value),
    current: (parameter) => context.current(parameter),
  };
}
