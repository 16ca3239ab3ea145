/** Scenes as pixels. By hand: a shape is a distance, which also says how much of a pixel it covers; thousands are drawn while
 * a model trains, and a drawing library would take longer for each than the training step. */

import type { Scene, SceneObject } from "./scene.ts";

/**
 * The image of a scene, edges smoothed.
 *
 * Shapes: uint8 [3, side, side].
 * @param into where it is written, from `at` on
 */
export function drawScene({ side, background, objects }: Scene, into: Uint8Array, at = 0): void {
  const area = side * side;
  for (let c = 0; c < 3; c++) into.fill(Math.round(background[c]), at + c * area, at + (c + 1) * area);
  for (const one of objects) {
    const inside = distances[one.shape];
    const [left, right] = [one.x - one.radius, one.x + one.radius].map((edge) => Math.floor(edge));
    const [top, bottom] = [one.y - one.radius, one.y + one.radius].map((edge) => Math.floor(edge));
    for (let row = Math.max(0, top); row <= Math.min(side - 1, bottom); row++) {
      for (let column = Math.max(0, left); column <= Math.min(side - 1, right); column++) {
        const distance = inside(column + 0.5 - one.x, row + 0.5 - one.y, one.radius);
        const covered = Math.max(0, Math.min(1, 0.5 - distance));
        if (covered === 0) continue;
        for (let c = 0; c < 3; c++) {
          const pixel = at + c * area + row * side + column;
          into[pixel] = Math.round(into[pixel] + covered * (one.paint[c] - into[pixel]));
        }
      }
    }
  }
}

/** How far a point is outside a shape around 0, in pixels; below 0 inside. */
type Distance = (x: number, y: number, radius: number) => number;

function toBox(x: number, y: number, width: number, height: number): number {
  return Math.max(Math.abs(x) - width, Math.abs(y) - height);
}

const slope = Math.sqrt(0.8); // of the outward normal of a side that falls 2 while it goes 1 across
const distances: Readonly<Record<SceneObject["shape"], Distance>> = {
  circle: (x, y, radius) => Math.hypot(x, y) - radius,
  square: (x, y, radius) => toBox(x, y, radius, radius),
  // The tip above the middle, the base as wide as the box.
  triangle: (x, y, radius) => Math.max(y - radius, slope * Math.abs(x) - (slope / 2) * (y + radius)),
  cross: (x, y, radius) => Math.min(toBox(x, y, radius, radius / 3), toBox(x, y, radius / 3, radius)),
};
