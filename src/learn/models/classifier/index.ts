/** A classifier of images: no generative model, but what judges them. */

export { type Classified, type Classifier, type ClassifierOptions, classifier } from "./classifier.ts";
