/** Checkpoints: named tensors on disk, written whole, checked on reading.
 *
 * Knows files and bytes; must not know what a model, an optimizer or a backend is. */

export {
  type Checkpoint,
  type CheckpointFile,
  checkpointPath,
  type LoadedCheckpoint,
  listCheckpoints,
  loadNewestGood,
  pruneCheckpoints,
  readCheckpoint,
  type SkippedCheckpoint,
  setAside,
  writeCheckpoint,
} from "./checkpoint.ts";
export {
  bytesOf,
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensors,
  type SafetensorsFile,
  type SavedTensor,
} from "./safetensors.ts";
