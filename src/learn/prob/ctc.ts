/** Connectionist temporal classification: the likelihood of a short sequence of labels given scores at many times, summed
 * over all ways to lay the one along the other. */

import { formatShape, GalateaError } from "../../core/base/index.ts";
import { concat, full, range, scan, stack, type Tensor, where, zeros } from "../../core/trace/index.ts";

/** Stands for log 0: far below any sum of logarithms, and finite, so that differences are numbers. */
const logZero = -1e30;

export interface CtcOptions {
  /** Scores before softmax, float32 [B, T, V]. */
  readonly logits: Tensor;
  /** Labels, int32 [B, L], in 0 .. V-1 without the blank; what stands after an example's last one does not count. */
  readonly labels: Tensor;
  /** How many times count of each example, int32 [B], from 1 to T; all where absent. */
  readonly times?: Tensor;
  /** How many labels each example has, int32 [B], from 0 to L; all where absent. */
  readonly lengths?: Tensor;
  /** The class that stands for no label; 0 where absent. */
  readonly blank?: number;
}

/**
 * -log p(labels | logits) of each example, in nats: the forward recursion in log space; its gradient is the
 * forward-backward algorithm.
 *
 * a_t(s) = log(e^a_t-1(s) + e^a_t-1(s-1) + [may skip] e^a_t-1(s-2)) + log p_t(z_s), z the labels with blanks around each;
 * a blank may be skipped between two labels that differ. The likelihood is e^a_T(last) + e^a_T(last - 1).
 *
 * Shapes: see {@link CtcOptions}; the result is [B].
 * Units and ranges: nats. Where labels (and the blanks that repeated ones need) do not fit into the times, the result is
 * about 1e30 and its gradient 0 or meaningless: check before.
 * @throws GalateaError `shape`, while tracing, when the parts do not fit together.
 *
 * Source: Graves, Fernandez, Gomez and Schmidhuber, "Connectionist temporal classification" (2006), section 4.1.
 */
export function ctcLoss({ logits, labels, times, lengths, blank = 0 }: CtcOptions): Tensor {
  const [batch, steps, classes] = logits.shape;
  const [rows, most] = labels.shape;
  if (logits.rank !== 3 || labels.rank !== 2 || rows !== batch || blank < 0 || blank >= classes) {
    const seen = `logits ${formatShape(logits.shape)}, labels ${formatShape(labels.shape)}, blank ${blank}`;
    throw new GalateaError("shape", logits.path, seen, "they must be [B, T, V], [B, L] and a class below V");
  }
  const places = 2 * most + 1;
  const blanks = full([batch, most], blank, "int32");
  // blank, label, blank, label, ..., blank
  const paired = stack([blanks, labels], 2).reshape([batch, 2 * most]);
  const extended = concat([paired, blanks.slice(1, 0, 1)], 1); // [B, places]
  const mayEnter = mayEnterSkipping(extended, blank);
  const emitted = logits
    .logSoftmax(2)
    .takeAlongAxis(extended.reshape([batch, 1, places]).expand([batch, steps, places]), 2)
    .transpose([1, 0, 2]); // [T, B, places]

  const outside = full([batch, 2], logZero);
  const place = range(places, "int32").reshape([1, places]);
  // A path begins with the first blank or the first label.
  const first = emitted
    .slice(0, 0, 1)
    .reshape([batch, places])
    .add(where(place.less(2), zeros([batch, places]), logZero));
  const step = (alpha: Tensor, { log, counts }: { readonly log: Tensor; readonly counts: Tensor }) => {
    const shifted = concat([outside, alpha], 1); // two places to the right
    const skipping = shifted.slice(1, 0, places).add(mayEnter);
    const next = logSumExp([alpha, shifted.slice(1, 1, places), skipping]).add(log);
    return { carry: where(counts, next, alpha), y: {} };
  };
  const number = range(steps, "int32")
    .slice(0, 1, steps - 1)
    .reshape([steps - 1, 1, 1]);
  const counting = (times ?? full([batch], steps, "int32")).reshape([1, batch, 1]);
  const { carry: last } =
    steps === 1
      ? { carry: first }
      : scan(step, first, {
          log: emitted.slice(0, 1, steps - 1),
          counts: number.less(counting).expand([steps - 1, batch, places]),
        });
  // The last label, or the blank after it; of an empty sequence there is the blank alone.
  const end = (lengths ?? full([batch], most, "int32")).mul(2).reshape([batch, 1]);
  const at = (wanted: Tensor): Tensor => last.takeAlongAxis(wanted.maximum(0), 1);
  const beforeEnd = where(end.greater(0), at(end.sub(1)), logZero);
  return logSumExp([at(end), beforeEnd])
    .neg()
    .reshape([batch]);
}

/** 0 where a place may be entered from two places before it, else the logarithm of 0: float32 [B, places]. */
function mayEnterSkipping(extended: Tensor, blank: number): Tensor {
  const [batch, places] = extended.shape;
  if (places < 3) return full([batch, places], logZero);
  const own = extended.slice(1, 2, places - 2);
  const may = own.notEqual(blank).and(own.notEqual(extended.slice(1, 0, places - 2)));
  return concat([full([batch, 2], logZero), where(may, zeros([batch, places - 2]), logZero)], 1);
}

/** log of the sum of e^x over equal shapes, without overflow. */
function logSumExp(terms: readonly Tensor[]): Tensor {
  const highest = terms.reduce((a, b) => a.maximum(b)).stopGradient();
  return terms
    .map((term) => term.sub(highest).exp())
    .reduce((a, b) => a.add(b))
    .log()
    .add(highest);
}
