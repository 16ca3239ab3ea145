/** What a preset is: a family, its data and numbers that work, under a name. */

import type { Family } from "../../learn/models/index.ts";
import type { Dataset, Reading } from "../data/index.ts";
import type { ConfigSchema, SharedConfig } from "./config.ts";

/** What a preset knows of its data: the fields of an example. */
export type DataDescription = Pick<Dataset, "name" | "fields" | "classes" | "vocabularies">;

export interface Preset<C extends SharedConfig = SharedConfig> {
  /** `<task>/<model>`. */
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** What to expect of it: score, time and machine. */
  readonly expected: string;
  /** Name of the data set used when none is given. */
  readonly data: string;
  /** How data shall be read, where that depends on the configuration; as it is where absent. */
  reading?(config: C): Reading;
  /** Metrics that `evaluate` computes beside its scores where nobody says which. */
  readonly metrics?: readonly string[];
  /** All options, each with a default. */
  readonly schema: ConfigSchema<C>;
  /**
   * The family for a configuration and the fields of the data.
   * @throws GalateaError `data` when the data lacks a field or its shape does not fit.
   */
  build(config: C, data: DataDescription): Family;
}

/** Checks a preset's types; the way to write one in a config file of one's own. */
export function definePreset<C extends SharedConfig>(preset: Preset<C>): Preset<C> {
  return preset;
}
