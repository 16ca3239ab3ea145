/** What a named data set is: where it may be, or how it is made. */

import type { DataSplits } from "./dataset.ts";
import type { RemoteFile } from "./download.ts";
import type { PathOptions, Reading } from "./path.ts";

export interface DataOptions {
  /** The user's folder of data sets, a sub-folder for each name (what GALATEA_DATA names). */
  readonly dataFolder?: string;
  /** Where fetched data sets are kept; without it nothing is fetched. */
  readonly cacheFolder?: string;
  /** How data is read, where it can be read in several ways. */
  readonly reading?: Reading & Pick<PathOptions, "maxBytes">;
  readonly onProgress?: (done: number, total: number, unit: "images" | "bytes") => void;
}

/** A named data set; whichever of the places it has are tried in the order of DESIGN.md. */
export interface NamedData {
  readonly name: string;
  /** One line for people. */
  readonly description: string;
  readonly inDataFolder: boolean;
  /** The file that stands for it in the data folder; a sub-folder of its own name where absent. */
  readonly dataPath?: string;
  readonly inPackage?: { readonly name: string; readonly folder: string };
  readonly remote?: readonly RemoteFile[];
  /** Which files of a folder of images belong to it; all where absent. */
  readonly only?: (fileName: string) => boolean;
  /** Makes it, where nobody ships it. */
  readonly generate?: Generate;
}

/** Makes a data set; `resolve` gives others that it is made of. */
export type Generate = (
  options: DataOptions,
  resolve: (name: string, options: DataOptions) => Promise<DataSplits>,
) => DataSplits | Promise<DataSplits>;
