/** The data of bench/workloads: flat typed arrays, one for each batch. */

/** A generator of uniform numbers in [0, 1) (mulberry32). @param {number} seed */
function uniforms(seed) {
  let state = seed + 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @param {() => number} uniform */
function normal(uniform) {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/**
 * @template T
 * @param {{ batches: number }} sizes
 * @param {(uniform: () => number) => T} make
 */
function batchesOf({ batches }, make) {
  return Array.from({ length: batches }, (_, index) => make(uniforms(index)));
}

/** Pixels that are 1 with probability `white`, else 0. */
export function inkBatches(sizes, pixels) {
  return batchesOf(sizes, (uniform) =>
    Float32Array.from({ length: sizes.batch * pixels }, () => (uniform() < sizes.white ? 1 : 0)),
  );
}

/** Texts in which each token is one of four that follow the last one: [batch, length]. */
export function tokenBatches(sizes, length) {
  return batchesOf(sizes, (uniform) => {
    const tokens = new Int32Array(sizes.batch * length);
    tokens.forEach((_, place) => {
      tokens[place] =
        place % length === 0
          ? Math.floor(uniform() * sizes.vocabulary)
          : (5 * tokens[place - 1] + 1 + Math.floor(4 * uniform())) % sizes.vocabulary;
    });
    return tokens;
  });
}

/** Vectors whose neighbouring features are correlated. */
export function correlatedBatches(sizes) {
  return batchesOf(sizes, (uniform) => {
    const noise = Float32Array.from({ length: sizes.batch * sizes.features }, () => normal(uniform));
    return noise.map((own, place) => (place % sizes.features === 0 ? own : own + noise[place - 1] / 2));
  });
}

/** Images of discs of one colour on another, in [-1, 1]: [batch, C, H, W]. */
export function discBatches(sizes) {
  const [channels, height, width] = sizes.image;
  return batchesOf(sizes, (uniform) => {
    const images = new Float32Array(sizes.batch * channels * height * width);
    for (let example = 0; example < sizes.batch; example++) {
      const [radius, row, column] = [0.15 + 0.3 * uniform(), uniform(), uniform()];
      const colours = Array.from({ length: 2 * channels }, () => 2 * uniform() - 1);
      for (let place = 0; place < channels * height * width; place++) {
        const y = Math.floor(place / width) % height;
        const inside = Math.hypot(y / height - row, (place % width) / width - column) < radius;
        const channel = Math.floor(place / (height * width));
        images[example * channels * height * width + place] = colours[2 * channel + Number(inside)];
      }
    }
    return images;
  });
}

/** Sines and cosines of positions at geometrically falling frequencies, by turns: [length, width]. */
export function sinusoids(length, width) {
  return Float32Array.from({ length: length * width }, (_, place) => {
    const i = place % width;
    const angle = Math.floor(place / width) * 10_000 ** (-(i - (i % 2)) / width);
    return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}
