/** Values for those that are missing in a series. */

/**
 * - `linear`: on the line between the neighbours
 * - `previous`: the last value before
 *
 * At the ends, where a neighbour lacks, the nearest value.
 */
export type GapFilling = "linear" | "previous";

/** A series without the NaN in it; one of nothing else stays as it is. */
export function fillGaps(values: Float64Array, filling: GapFilling): Float64Array {
  const full = values.slice();
  const known = [...values.keys()].filter((i) => !Number.isNaN(values[i]));
  if (known.length === 0) return full;
  full.fill(values[known[0]], 0, known[0]);
  for (const [k, at] of known.entries()) {
    const next = known[k + 1] ?? full.length;
    for (let i = at + 1; i < next; i++) {
      const share = filling === "linear" && next < full.length ? (i - at) / (next - at) : 0;
      full[i] = values[at] + share * ((share === 0 ? values[at] : values[next]) - values[at]);
    }
  }
  return full;
}
