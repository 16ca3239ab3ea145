/** Scenes: two or three things in places of their own, and all that can be said of them, so that one can check what a
 * captioning model says, and where it looks. */

import { type Key, randomUniform } from "../../../core/base/index.ts";

export const sceneShapes = ["circle", "square", "triangle", "cross"] as const;
export const sceneSizes = ["small", "big"] as const;

/** Red, green and blue, 0 to 255, which each thing varies a little. */
export const sceneColours = {
  red: [214, 40, 40],
  green: [30, 150, 60],
  blue: [40, 80, 220],
  yellow: [245, 200, 20],
  purple: [150, 50, 180],
  black: [25, 25, 30],
} as const;

export interface SceneObject {
  readonly shape: (typeof sceneShapes)[number];
  readonly colour: keyof typeof sceneColours;
  readonly size: (typeof sceneSizes)[number];
  /** Middle and half of its width, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Red, green and blue as painted. */
  readonly paint: readonly number[];
}

export interface Scene {
  /** Pixels of its height and width. */
  readonly side: number;
  readonly background: readonly number[];
  /** No two of one colour and shape. */
  readonly objects: readonly SceneObject[];
}

/** Half widths, as shares of the side. */
const radii = { small: [0.075, 0.095], big: [0.14, 0.17] } as const;
/** Between the boxes of two things, as a share of the side. */
const gap = 0.03;
/** How much farther apart things are in the direction that is named than across it. */
const clearness = 1.5;

/**
 * The scene of a key: every pair of things lies clearly side by side or one above the other.
 *
 * @param side of the image, in pixels
 */
export function makeScene(key: Key, side: number): Scene {
  let drawn = 0;
  const draw = (): number => randomUniform(key, drawn++);
  const between = (low: number, high: number): number => low + (high - low) * draw();
  const choose = <T>(list: readonly T[]): T => list[Math.min(list.length - 1, Math.floor(list.length * draw()))];
  const count = draw() < 0.5 ? 2 : 3;
  const background = [0, 1, 2].map(() => between(222, 250));
  for (;;) {
    const objects: SceneObject[] = [];
    // Where the first ones leave no room, all are placed anew.
    for (let tries = 0; tries < 50 && objects.length < count; tries++) {
      const size = choose(sceneSizes);
      const [least, most] = radii[size];
      const radius = side * between(least, most);
      const colour = choose(Object.keys(sceneColours) as SceneObject["colour"][]);
      const one: SceneObject = {
        shape: choose(sceneShapes),
        colour,
        size,
        x: between(radius, side - radius),
        y: between(radius, side - radius),
        radius,
        paint: sceneColours[colour].map((value) => Math.max(0, Math.min(255, value + between(-15, 15)))),
      };
      if (objects.every((other) => isClear(one, other, side))) objects.push(one);
    }
    if (objects.length === count) return { side, background, objects };
  }
}

/** Whether two things can be told apart, do not touch, and stand in one relation only. */
function isClear(one: SceneObject, other: SceneObject, side: number): boolean {
  if (one.colour === other.colour && one.shape === other.shape) return false;
  const [across, down] = [Math.abs(one.x - other.x), Math.abs(one.y - other.y)];
  const [least, most] = across < down ? [across, down] : [down, across];
  return most >= clearness * least && most >= one.radius + other.radius + gap * side;
}

/** How a thing lies as seen from another: the relation that its larger distance says. */
function relationOf(one: SceneObject, other: SceneObject): string {
  const [across, down] = [other.x - one.x, other.y - one.y];
  if (Math.abs(across) > Math.abs(down)) return across > 0 ? "left of" : "right of";
  return down > 0 ? "above" : "below";
}

function nameOf({ size, colour, shape }: SceneObject): string {
  return `a ${size} ${colour} ${shape}`;
}

/** Things in the order in which they are usually named: by colour, then by shape, as the lists above have them. */
function usualOrder(objects: readonly SceneObject[]): readonly SceneObject[] {
  const colours = Object.keys(sceneColours);
  const rank = ({ colour, shape }: SceneObject): number =>
    colours.indexOf(colour) * sceneShapes.length + sceneShapes.indexOf(shape);
  return objects.toSorted((one, other) => rank(one) - rank(other));
}

/**
 * All that may be said of a scene, the usual first: each thing as the subject, the others in each order.
 *
 * Such as `a small red circle left of a big blue square and above a big green cross`.
 */
export function captionsOf({ objects }: Scene): readonly string[] {
  const usual = usualOrder(objects);
  return usual.flatMap((subject) => {
    const others = usual.filter((other) => other !== subject);
    const orders = others.length > 1 ? [others, others.toReversed()] : [others];
    return orders.map((order) => {
      const relations = order.map((other) => `${relationOf(subject, other)} ${nameOf(other)}`);
      return `${nameOf(subject)} ${relations.join(" and ")}`;
    });
  });
}

/** Of each word of a caption: the number of the thing that it is said of, if it is said of one. */
export type NamedObject = number | "none there" | undefined;

/** What each word of a caption, right or wrong, names: sizes, colours and shapes are said of the thing of their phrase. */
export function namedObjects(words: readonly string[], { objects }: Scene): readonly NamedObject[] {
  const named: NamedObject[] = words.map(() => undefined);
  for (const [i, shape] of words.entries()) {
    if (!sceneShapes.some((known) => known === shape)) continue;
    const [size, colour] = [words[i - 2], words[i - 1]];
    const found = objects.findIndex((one) => one.shape === shape && one.colour === colour && one.size === size);
    const object = found < 0 ? "none there" : found;
    for (const at of [i - 2, i - 1, i]) if (at >= 0) named[at] = object;
  }
  return named;
}

/** The box of a thing, in pixels. */
export interface SceneBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export function boxOf({ x, y, radius }: SceneObject): SceneBox {
  return { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
}
