/** What a row of `npm run verify` is: a number that somebody published, and how we obtain ours. */

export interface RowContext {
  /** The seed that was asked for, or the row's own. */
  readonly seed: number;
  readonly threads: number;
  /** For the row's runs, which stay there for people to look at; empty, or what an earlier run left that is resumed. */
  readonly directory: string;
  /** Says something to the person who waits; never part of the record. */
  log(message: string): void;
}

export interface Measurement {
  /** The metric's value; it must be a finite number. */
  readonly value: number;
  /** The seed that the value belongs to. */
  readonly seed: number;
  /** Values of the lines in `also`, by their names. */
  readonly also?: Readonly<Record<string, number>>;
}

/** One line of the table of results. */
export interface ResultLine {
  /** Unique name, `<model>-<data>`: `vae-mnist`. */
  readonly row: string;
  /** The metric with its unit, as the source names it: `-log p(x), nats, 200 importance samples`. */
  readonly metric: string;
  /** The value that we promise; where absent the value is reported and nothing is promised. */
  readonly bound?: number;
  /** On which side of the bound ours must lie. */
  readonly direction?: "at most" | "at least";
  /** The published value; null where nobody published the same measurement. */
  readonly published: number | null;
  /** Where it was published: authors, year, table, address; or what to compare with instead. */
  readonly source: string;
}

export interface Row extends ResultLine {
  /** Used without `--seed`; 0 by default. */
  readonly seed?: number;
  /** Further numbers that the same run gives; naming one of them measures all. */
  readonly also?: readonly ResultLine[];
  /**
   * Trains and measures.
   *
   * @throws when it cannot: then nothing is recorded.
   */
  run(context: RowContext): Promise<Measurement>;
}
