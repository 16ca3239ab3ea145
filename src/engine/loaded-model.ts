/** The seam for models that Galatea did not make: a file of somebody's, ready to run. Loaded under platform/. */

import type { HostTensor } from "./backend.ts";

/** An input or output as the file declares it. */
export interface ModelValue {
  readonly name: string;
  /** As the runtime calls it, such as `float32`; what is no tensor is `none`. */
  readonly dtype: string;
  /** Sizes; `undefined` where any will do. */
  readonly shape: readonly (number | undefined)[];
}

export interface LoadedModel {
  /** The file's name. */
  readonly name: string;
  /** SHA-256 of the file, in hexadecimal. */
  readonly sha256: string;
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  /**
   * Runs the model on a value for each input, and gives each output by name.
   * @throws GalateaError `backend` when the runtime refuses the values, or an output is of a type that Galatea lacks.
   */
  run(inputs: Readonly<Record<string, HostTensor>>): Promise<Readonly<Record<string, HostTensor>>>;
  dispose(): Promise<void>;
}
