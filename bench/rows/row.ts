/** What a row of `npm run verify` is: a number that somebody published, and how we obtain ours. */

export interface RowContext {
  /** The seed that was asked for, or the row's own. */
  readonly seed: number;
  readonly threads: number;
  /** Says something to the person who waits; never part of the record. */
  log(message: string): void;
}

export interface Measurement {
  /** The metric's value; it must be a finite number. */
  readonly value: number;
  /** The seed that the value belongs to. */
  readonly seed: number;
}

export interface Row {
  /** Unique name, `<model>-<data>`: `vae-mnist`. */
  readonly row: string;
  /** The metric with its unit, as the source names it: `-log p(x), nats, 200 importance samples`. */
  readonly metric: string;
  /** The value that we promise, */
  readonly bound: number;
  /** and on which side of it ours must lie. */
  readonly direction: "at most" | "at least";
  /** The published value. */
  readonly published: number;
  /** Where it was published: authors, year, table, address. */
  readonly source: string;
  /** Used without `--seed`; 0 by default. */
  readonly seed?: number;
  /**
   * Trains and measures.
   *
   * @throws when it cannot: then nothing is recorded.
   */
  run(context: RowContext): Promise<Measurement>;
}
