/** Where a node belongs: to a layer, and to a stage of a training step. A node's path says both. */

/** Forward: what the loss is computed by; backward: its gradients; update: what an optimizer makes of them. */
export type Stage = "forward" | "backward" | "update";

export interface Place {
  /** Such as `decoder.linear1`; empty where none is known. */
  readonly layer: string;
  readonly stage: Stage;
}

const marked = /^(.*?) ?\((backward|update)\)$/s;

/** A place as a path: `decoder.linear1`, `decoder.linear1 (backward)`, `(update)`. */
export function formatPlace({ layer, stage }: Place): string {
  if (stage === "forward") return layer;
  return layer === "" ? `(${stage})` : `${layer} (${stage})`;
}

/** The place that a path says. */
export function parsePlace(path: string): Place {
  if (!path.endsWith(")")) return { layer: path, stage: "forward" };
  const [, layer, stage] = marked.exec(path) ?? ["", path, "forward"];
  return { layer, stage: stage as Stage };
}

/** The layer of a leaf: its path without the last part, `encoder.0` of `encoder.0.weight`. */
export function layerOfLeaf(path: string): string {
  return path.split(".").slice(0, -1).join(".");
}
