/** Views: how to read what goes on inside a family, so that whoever draws it need not know which family it is. */

/** What stands along an axis. */
export type ViewAxis =
  /** Tokens of a field of the batch: place i is about token i + offset; what is before the first is the begin token. */
  | { readonly kind: "tokens"; readonly field: string; readonly offset: number }
  /** The field `first`, a sentence, and then the sentences of a field, a row of tokens each. */
  | { readonly kind: "sentences"; readonly first: string; readonly field: string }
  /** Places of a field that is no text, such as frames; `count`, where there is one, is a field of the batch or of what `inspect` gives that says how many. */
  | { readonly kind: "places"; readonly field: string; readonly count?: string }
  /** Places of an image, row by row. */
  | { readonly kind: "map"; readonly field: string; readonly height: number; readonly width: number }
  /** All tokens that a field may hold; `blank`, where there is one, is the one that stands for none. */
  | { readonly kind: "vocabulary"; readonly field: string; readonly blank?: number }
  /** Numbers of a state, which have no names. */
  | { readonly kind: "units" };

/** One thing that `inspect` gives, [B, layers * heads, rows, columns], or of a single map [B, rows, columns]. */
export interface View {
  /**
   * `attention`: rows sum to 1. `states`: what units do at each row; `range` says between which numbers, where that is
   * known. `scores`: logarithms of probabilities.
   */
  readonly kind: "attention" | "states" | "scores";
  /** For people: `where the decoder looks`. */
  readonly title: string;
  readonly rows: ViewAxis;
  readonly columns: ViewAxis;
  /** Maps of a layer; 1 where absent. */
  readonly heads?: number;
  readonly range?: readonly [low: number, high: number];
  /** Views of one group are drawn together. */
  readonly group?: string;
}

/** By the names that `inspect` gives. */
export type Views = Readonly<Record<string, View>>;
