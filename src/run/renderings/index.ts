/** Renderings: files of what is neither picture nor text, such as music. Must not know how samples are made. */

import type { Family } from "../../learn/models/index.ts";
import type { Reading } from "../data/index.ts";
import { forecastRendering } from "./forecasts.ts";
import type { Rendering } from "./rendering.ts";
import { tuneRendering } from "./tunes.ts";
import { waveRendering } from "./waves.ts";

export type { RenderedFile, Rendering } from "./rendering.ts";

/** Each gives a rendering where what a family makes is of its kind. */
const renderings: readonly ((family: Pick<Family, "outputs">, reading: Reading) => Rendering | undefined)[] = [
  forecastRendering,
  tuneRendering,
  ({ outputs }, { waves }) => (waves && outputs.tokens ? waveRendering(waves) : undefined),
];

/** How what a family makes becomes files; absent where that is pictures or text. */
export function renderingOf(family: Pick<Family, "outputs">, reading: Reading): Rendering | undefined {
  for (const find of renderings) {
    const found = find(family, reading);
    if (found) return found;
  }
  return undefined;
}
