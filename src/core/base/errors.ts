/** The errors that Galatea raises on purpose. Each carries a stable code and reads
 * `where: what is wrong; what would be right`. */

/**
 * - `usage`: a command, option or argument that cannot be understood
 * - `config`: a configuration value of the wrong type or outside its range
 * - `shape`, `dtype`: tensors that do not fit, found while tracing
 * - `gradient`: a derivative that does not exist
 * - `data`: a data set that is missing, damaged or unfit
 * - `checkpoint`: a run directory or checkpoint that is missing, damaged or of another run
 * - `diverged`: a loss that is no longer a finite number
 * - `storage`: a file that cannot be written
 * - `backend`: the runtime refused a program
 * - `internal`: a defect in Galatea
 */
export type ErrorCode =
  | "usage"
  | "config"
  | "shape"
  | "dtype"
  | "gradient"
  | "data"
  | "checkpoint"
  | "diverged"
  | "storage"
  | "backend"
  | "internal";

export class GalateaError extends Error {
  readonly code: ErrorCode;
  /** Layer path, file or option that the error is about. */
  readonly where: string;

  constructor(code: ErrorCode, where: string, what: string, right?: string, options?: ErrorOptions) {
    super(`${where ? `${where}: ` : ""}${what}${right ? `; ${right}` : ""}`, options);
    this.name = "GalateaError";
    this.code = code;
    this.where = where;
  }
}
