/** The error function in float64, from its two classical expansions. */

/** Where the continued fraction converges faster than the series. */
const crossover = 3;

/**
 * The error function, accurate to a few units of the last place.
 *
 * Near 0 the series erf(x) = 2/sqrt(pi) e^(-x^2) sum over n of 2^n x^(2n+1) / (1 * 3 * ... * (2n+1)), whose
 * terms share one sign; further out 1 - erfc(x) with the continued fraction
 * erfc(x) = e^(-x^2) / sqrt(pi) * 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))).
 *
 * Source: Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964), 7.1.6 and 7.1.14.
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const magnitude = Math.abs(x);
  return magnitude < crossover ? series(x) : Math.sign(x) * (1 - complement(magnitude));
}

function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** erfc(x) for x >= 3, where 60 levels are far more than float64 can tell apart. */
function complement(x: number): number {
  if (x > 27) return 0;
  let fraction = x;
  for (let level = 60; level >= 1; level--) fraction = x + level / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}
