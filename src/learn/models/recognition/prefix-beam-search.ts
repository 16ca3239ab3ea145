/** Prefix beam search: of all labellings the most probable one that is found, each with all its alignments. */

import { concat, full, range, scan, type Tensor, tensor, where, zeros } from "../../../core/trace/index.ts";

/** Stands for log 0: far below any sum of logarithms, and finite. */
const logZero = -1e30;
/** What is below is no prefix, but fills the beam up where there are too few. */
const leastReal = -1e20;

export interface PrefixBeamOptions {
  readonly blank: number;
  /** Tokens of a labelling at most; longer ones are not considered. */
  readonly places: number;
  /** Prefixes that are kept from one time to the next. */
  readonly beams: number;
}

/** What is kept of each prefix; a type, so that it can be carried. */
type Beam = {
  /** int32 [B, K, L], blanks after the end. */
  readonly tokens: Tensor;
  /** int32 [B, K]. */
  readonly length: Tensor;
  /** log p of its alignments that end with a blank, and of those that end with its last token: [B, K]. */
  readonly blankEnded: Tensor;
  readonly tokenEnded: Tensor;
};

/**
 * The labelling of most probability, summed over its alignments, among prefixes that stay among the `beams` best at each
 * time. With as many beams as there are labellings it is exact; the most probable alignment alone may say another one.
 *
 * A prefix x that ends with the token e goes on, y the probabilities of the next time:
 *
 *     blankEnded'(x) = y(blank) (blankEnded(x) + tokenEnded(x))
 *     tokenEnded'(x) = y(e) tokenEnded(x) + y(e) from(x without its end, e)
 *     from(w, c) = blankEnded(w) + [w does not end with c] tokenEnded(w)
 *
 * A prefix and its end may both be among the beams: what reaches the longer one from the shorter is added to it, by exact
 * comparison of their tokens, and is no prefix of its own.
 *
 * Shapes: logits [B, T, V], times int32 [B] -> int32 [B, places]; blanks after the end.
 *
 * Source: Graves, "Sequence transduction with recurrent neural networks" (2012), section 2.5, and Hannun et al.,
 * "First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs" (2014), algorithm 1,
 * without a language model.
 */
export function prefixBeamSearch(logits: Tensor, times: Tensor, { blank, places, beams }: PrefixBeamOptions): Tensor {
  const [batch, steps, vocabulary] = logits.shape;
  const each = [batch, beams];
  const isFirst = range(beams, "int32").reshape([1, beams]).equal(0);
  const start: Beam = {
    tokens: full([...each, places], blank, "int32"),
    length: full(each, 0, "int32"),
    // At first there is one prefix, the empty one.
    blankEnded: where(isFirst, zeros([1, beams]), full([1, beams], logZero)).expand(each),
    tokenEnded: full(each, logZero),
  };
  const isToken = tensor(
    Array.from({ length: vocabulary }, (_, token) => (token === blank ? logZero : 0)),
    [1, 1, vocabulary],
  );

  const step = (beam: Beam, { logs, counts }: { readonly logs: Tensor; readonly counts: Tensor }) => {
    const { tokens, length, blankEnded, tokenEnded } = beam;
    const total = logAdd(blankEnded, tokenEnded);
    const lastPlace = length
      .sub(1)
      .maximum(0)
      .reshape([...each, 1]);
    const last = tokens.takeAlongAxis(lastPlace, 2).reshape(each); // blank where the prefix is empty
    const ofLast = logs.takeAlongAxis(last, 1); // [B, K]

    // Which prefix j is prefix i and one token: [B, i, j].
    const place = range(places, "int32").reshape([1, 1, places]);
    const shortened = where(place.equal(lastPlace), full([1, 1, 1], blank, "int32"), tokens);
    const same = tokens.reshape([batch, beams, 1, places]).equal(shortened.reshape([batch, 1, beams, places]));
    const isReal = total.greater(leastReal).and(length.greater(0)).reshape([batch, 1, beams]);
    const leads = same.all(3).and(isReal);

    // What each prefix gives to itself and one token: [B, K, V].
    const repeats = range(vocabulary, "int32")
      .reshape([1, 1, vocabulary])
      .equal(last.reshape([...each, 1]));
    const from = where(repeats, blankEnded.reshape([...each, 1]), total.reshape([...each, 1]));
    const grown = from.add(logs.reshape([batch, 1, vocabulary])).add(isToken);

    // Prefixes that stay, with what reaches them from prefixes among the beams; at most one leads to each.
    const reaching = where(
      leads,
      grown.takeAlongAxis(last.reshape([batch, 1, beams]).expand([batch, beams, beams]), 2),
      full([1, 1, 1], logZero),
    ).max(1);
    const stayingBlank = total.add(logs.slice(1, blank, 1));
    const stayingToken = logAdd(where(length.greater(0), tokenEnded.add(ofLast), full([1, 1], logZero)), reaching);

    // Prefixes that grow into one that is not there yet.
    const isThere = leads
      .reshape([batch, beams, beams, 1])
      .and(
        range(vocabulary, "int32")
          .reshape([1, 1, 1, vocabulary])
          .equal(last.reshape([batch, 1, beams, 1])),
      )
      .any(2);
    const mayGrow = isThere.not().and(length.less(places).reshape([...each, 1]));
    const growing = where(mayGrow, grown, full([1, 1, 1], logZero)).reshape([batch, beams * vocabulary]);

    const staying = logAdd(stayingBlank, stayingToken);
    const best = concat([staying, growing], 1).topK(beams, 1).indices.cast("int32"); // [B, K]
    const stays = best.less(beams);
    const grownFrom = best.sub(beams).maximum(0);
    const parent = where(stays, best, grownFrom.div(vocabulary)); // rounds toward 0
    const added = grownFrom.sub(grownFrom.div(vocabulary).mul(vocabulary));
    const ofParent = (x: Tensor): Tensor => x.takeAlongAxis(parent, 1);
    const parentTokens = tokens.takeAlongAxis(parent.reshape([...each, 1]).expand([...each, places]), 1);
    const parentLength = ofParent(length);
    const isAdded = place.equal(parentLength.reshape([...each, 1])).and(stays.not().reshape([...each, 1]));
    const next: Beam = {
      tokens: where(isAdded, added.reshape([...each, 1]), parentTokens),
      length: parentLength.add(stays.not().cast("int32")),
      blankEnded: where(stays, ofParent(stayingBlank), full([1, 1], logZero)),
      tokenEnded: where(stays, ofParent(stayingToken), growing.takeAlongAxis(grownFrom, 1)),
    };
    const keep = (name: keyof Beam): Tensor =>
      where(counts.reshape([batch, ...Array(next[name].rank - 1).fill(1)]), next[name], beam[name]);
    const carry: Beam = {
      tokens: keep("tokens"),
      length: keep("length"),
      blankEnded: keep("blankEnded"),
      tokenEnded: keep("tokenEnded"),
    };
    return { carry, y: {} };
  };

  const { carry: found } = scan(step, start, {
    logs: logits.logSoftmax(2).transpose([1, 0, 2]),
    counts: range(steps, "int32")
      .reshape([steps, 1])
      .less(times.reshape([1, batch])),
  });
  const winner = logAdd(found.blankEnded, found.tokenEnded).argMax(1).cast("int32");
  return found.tokens
    .takeAlongAxis(winner.reshape([batch, 1, 1]).expand([batch, 1, places]), 1)
    .reshape([batch, places]);
}

/** log(e^a + e^b), without overflow. */
function logAdd(a: Tensor, b: Tensor): Tensor {
  const high = a.maximum(b);
  return a.minimum(b).sub(high).exp().add(1).log().add(high);
}
