/** Presets of translation, from any text to any other. */

import { pairLstm, pairLstmSchema, pairReading, pairTransformer, pairTransformerSchema } from "./pair-models.ts";
import { definePreset } from "./preset.ts";

export const translateTransformer = definePreset({
  name: "translate/transformer",
  summary: "a transformer that turns texts into others, such as translations",
  expected: "see docs/tasks/translate.md",
  data: "number-words",
  metrics: ["bleu", "chrf"],
  reading: pairReading,
  schema: pairTransformerSchema,
  build: pairTransformer,
});

export const translateLstm = definePreset({
  name: "translate/lstm-attention",
  summary: "an LSTM that reads a text, and one that writes another and looks back at it",
  expected: "see docs/tasks/translate.md",
  data: "number-words",
  metrics: ["bleu", "chrf"],
  reading: pairReading,
  schema: pairLstmSchema,
  build: pairLstm,
});
