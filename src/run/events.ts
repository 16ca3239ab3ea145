/** The seam between training and whoever watches it: plain data that the CLI prints, a server streams
 * and a studio draws. */

/** Scalars by name, such as `loss`, `reconstruction`, `kl`. */
export type Metrics = Readonly<Record<string, number>>;

/** A run begins or continues. */
export interface StartedEvent {
  readonly type: "started";
  readonly run: string;
  readonly preset: string;
  readonly family: string;
  /** Steps done before, 0 for a new run. */
  readonly fromStep: number;
  readonly steps: number;
  /** Number of trained and running values. */
  readonly parameterCount: number;
  readonly data: { readonly name: string; readonly train: number; readonly validation: number; readonly test: number };
  readonly backend: string;
  /** What a person has to say to the model to get an answer, beside texts and classes; absent where there is no need. */
  readonly told?: readonly { readonly name: string; readonly what: string }[];
}

/** Metrics of one training step, as metrics.jsonl keeps them: after step 1, every `logEvery` steps, and the last. */
export interface StepEvent {
  readonly type: "step";
  /** Steps done, counted from 1. */
  readonly step: number;
  readonly steps: number;
  readonly metrics: Metrics;
}

/** How it goes, for people: at most a few a second, and kept nowhere. */
export interface ProgressEvent {
  readonly type: "progress";
  readonly step: number;
  readonly steps: number;
  /** Exponentially smoothed training loss. */
  readonly loss: number;
  readonly stepsPerSecond: number;
  readonly secondsLeft: number;
}

/** Metrics over the validation split. */
export interface EvaluatedEvent {
  readonly type: "evaluated";
  readonly step: number;
  readonly metrics: Metrics;
}

/** A picture was written. */
export interface PictureEvent {
  readonly type: "picture";
  readonly step: number;
  readonly kind: "samples" | "reconstructions" | "walk" | "latents" | "losses" | "course" | "animation" | "attention";
  readonly path: string;
}

/** What a model that makes text writes now. */
export interface TextsEvent {
  readonly type: "texts";
  readonly step: number;
  readonly texts: readonly string[];
  /** Where they stand. */
  readonly path: string;
}

/** What a model makes now, as files that are neither pictures nor text. */
export interface FilesEvent {
  readonly type: "files";
  readonly step: number;
  readonly paths: readonly string[];
}

export interface CheckpointEvent {
  readonly type: "checkpoint";
  readonly step: number;
  readonly path: string;
}

/** Something that a person should know, while work goes on. */
export interface WarningEvent {
  readonly type: "warning";
  readonly message: string;
}

/** The signal to stop came; everything is saved and `--resume` continues. */
export interface InterruptedEvent {
  readonly type: "interrupted";
  readonly step: number;
}

export interface FinishedEvent {
  readonly type: "finished";
  readonly step: number;
  /** Wall time of this start, without compilation. */
  readonly seconds: number;
  /** Final metrics over the validation split. */
  readonly metrics: Metrics;
}

export type TrainEvent =
  | StartedEvent
  | StepEvent
  | ProgressEvent
  | EvaluatedEvent
  | PictureEvent
  | TextsEvent
  | FilesEvent
  | CheckpointEvent
  | WarningEvent
  | InterruptedEvent
  | FinishedEvent;
