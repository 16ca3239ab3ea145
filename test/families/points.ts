/** Points in the plane, made on the fly. */

/** Deviation of each Gaussian around its place on the unit circle. */
const width = 0.1;

/** Points of eight Gaussians on a circle, by turns: float32 [count, 2]. The same each time. */
export function eightGaussians(count: number): Float32Array {
  let state = 1;
  const uniform = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const rows = Array.from({ length: count }, (_, i) => {
    const angle = (i % 8) * (Math.PI / 4);
    const radius = width * Math.sqrt(-2 * Math.log(uniform()));
    const turn = 2 * Math.PI * uniform();
    return [Math.cos(angle) + radius * Math.cos(turn), Math.sin(angle) + radius * Math.sin(turn)];
  });
  return Float32Array.from(rows.flat());
}
