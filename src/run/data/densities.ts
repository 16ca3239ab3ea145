/** Densities over the plane, as the field draws them to show what a model has learned: with their entropy or modes
 * where these are known. */

import { foldKey, type Key, randomUniform } from "../../core/base/index.ts";

/** Separate places that a density has, each a normal density. */
export interface Modes {
  readonly centres: readonly (readonly [x: number, y: number])[];
  /** Standard deviation of each, the same in all directions. */
  readonly sigma: number;
}

export interface PlaneDensity {
  /** Points [count, 2], row-major: the same for the same key. */
  draw(key: Key, count: number): Float32Array;
  /** Log of the density, in nats, where it has a closed form. */
  readonly logDensity?: (x: number, y: number) => number;
  readonly modes?: Modes;
}

/** One point from numbers that `uniform` and `normal` draw, new ones at each call. */
type DrawPoint = (uniform: () => number, normal: () => number) => readonly [number, number];

function planeDensity(draw: DrawPoint, known: Pick<PlaneDensity, "logDensity" | "modes"> = {}): PlaneDensity {
  return {
    ...known,
    draw: (key, count) => {
      const points = new Float32Array(2 * count);
      for (let i = 0; i < count; i++) {
        const own = foldKey(key, i);
        let counter = 0;
        const uniform = (): number => randomUniform(own, counter++);
        const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
        points.set(draw(uniform, normal), 2 * i);
      }
      return points;
    },
  };
}

/** Normal densities of equal weight. */
export function gaussianMixture({ centres, sigma }: Modes): PlaneDensity {
  const logNormalizer = Math.log(centres.length * 2 * Math.PI * sigma * sigma);
  return planeDensity(
    (uniform, normal) => {
      const [x, y] = centres[Math.min(centres.length - 1, Math.floor(uniform() * centres.length))];
      return [x + sigma * normal(), y + sigma * normal()];
    },
    {
      modes: { centres, sigma },
      logDensity: (x, y) => {
        const exponents = centres.map(([cx, cy]) => -((x - cx) ** 2 + (y - cy) ** 2) / (2 * sigma * sigma));
        const largest = Math.max(...exponents);
        return largest + Math.log(exponents.reduce((sum, e) => sum + Math.exp(e - largest), 0)) - logNormalizer;
      },
    },
  );
}

/** Normal densities on a circle. Source: Metz et al., "Unrolled generative adversarial networks" (2017), sigma 0.02. */
export function gaussianRing(count = 8, radius = 2, sigma = 0.1): PlaneDensity {
  const centres = Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    return [radius * Math.cos(angle), radius * Math.sin(angle)] as const;
  });
  return gaussianMixture({ centres, sigma });
}

/** Normal densities on a square grid. Source: Srivastava et al., "VEEGAN" (2017): 5 x 5, 2 apart, sigma 0.05. */
export function gaussianGrid(side = 5, spacing = 2, sigma = 0.05): PlaneDensity {
  const place = (i: number): number => (i - (side - 1) / 2) * spacing;
  const centres = Array.from(
    { length: side * side },
    (_, i) => [place(i % side), place(Math.floor(i / side))] as const,
  );
  return gaussianMixture({ centres, sigma });
}

/** Two half circles that reach into each other. */
function moons(noise = 0.1): PlaneDensity {
  return planeDensity((uniform, normal) => {
    const upper = uniform() < 0.5;
    const angle = Math.PI * uniform();
    const [x, y] = upper ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
    return [2 * (x - 0.5) + noise * normal(), 2 * (y - 0.25) + noise * normal()];
  });
}

/** Circles of four sizes around one another. */
function rings(noise = 0.08): PlaneDensity {
  return planeDensity((uniform, normal) => {
    const radius = 0.75 * (1 + Math.floor(4 * uniform())) + noise * normal();
    const angle = 2 * Math.PI * uniform();
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** Two arms that wind around the middle. */
function spirals(noise = 0.1): PlaneDensity {
  return planeDensity((uniform, normal) => {
    const arm = uniform() < 0.5 ? 1 : -1;
    const angle = 3 * Math.PI * Math.sqrt(uniform());
    const radius = angle / 3;
    return [-arm * radius * Math.cos(angle) + noise * normal(), arm * radius * Math.sin(angle) + noise * normal()];
  });
}

/** Half the squares of a board of 4 x 4 squares, each of side 2: uniform over them. */
function checkerboard(): PlaneDensity {
  const isBlack = (x: number, y: number): boolean => (Math.floor(x / 2) + Math.floor(y / 2)) % 2 === 0;
  return planeDensity(
    (uniform) => {
      const square = Math.floor(8 * uniform());
      const row = Math.floor(square / 2);
      const column = 2 * (square % 2) + (row % 2);
      return [2 * (column - 2 + uniform()), 2 * (row - 2 + uniform())];
    },
    {
      logDensity: (x, y) =>
        Math.abs(x) < 4 && Math.abs(y) < 4 && isBlack(x, y) ? -Math.log(32) : Number.NEGATIVE_INFINITY,
    },
  );
}

/** The densities that have a name among the data sets. */
export const planeDensities = {
  moons: { description: "two half moons", density: moons() },
  rings: { description: "four rings around one another", density: rings() },
  spirals: { description: "two spirals", density: spirals() },
  checkerboard: { description: "the black squares of a board of 4 x 4", density: checkerboard() },
  "8gaussians": { description: "8 normal densities on a ring", density: gaussianRing() },
  "25gaussians": { description: "25 normal densities on a grid", density: gaussianGrid() },
} as const satisfies Readonly<Record<string, { readonly description: string; readonly density: PlaneDensity }>>;

/**
 * The differential entropy of a density with a closed form, in nats, and its standard error: the mean of -log p over
 * points drawn from it.
 */
export function entropyOf(
  { draw, logDensity }: PlaneDensity,
  key: Key,
  count: number,
): { readonly mean: number; readonly standardError: number } | undefined {
  if (!logDensity) return undefined;
  const points = draw(key, count);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const information = -logDensity(points[2 * i], points[2 * i + 1]);
    sum += information;
    squares += information * information;
  }
  const mean = sum / count;
  return { mean, standardError: Math.sqrt(Math.max(0, squares / count - mean * mean) / count) };
}
