/** Images with captions: read from folders, or drawn here. */

export { type CaptionReading, captionSplits } from "./caption-splits.ts";
export { drawScene } from "./draw-scene.ts";
export { loadCaptions } from "./load-captions.ts";
export {
  boxOf,
  captionsOf,
  makeScene,
  type NamedObject,
  namedObjects,
  type Scene,
  type SceneBox,
  type SceneObject,
  sceneColours,
  sceneShapes,
  sceneSizes,
} from "./scene.ts";
export { sceneOf, sceneSplits, scenesDescription } from "./scenes.ts";
