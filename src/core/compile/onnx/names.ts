/** Names of a model's inputs and outputs: by their place, as two outputs may be one value. */

export function inputName(index: number): string {
  return `input_${index}`;
}

export function outputName(index: number): string {
  return `output_${index}`;
}
