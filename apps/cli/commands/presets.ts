/** `galatea presets`: what can be trained, and what can be set. */

import { describeOptions, findPreset, type Preset, presets } from "../../../src/run/index.ts";
import type { Run } from "../context.ts";
import type { presetsCommand } from "../options.ts";
import { formatTable } from "../text.ts";

export const runPresets: Run<typeof presetsCommand> = async ({ preset: name }, { json }, { stdout }) => {
  const width = stdout.columns ?? 100;
  if (name === undefined) {
    if (json) stdout.write(`${JSON.stringify(presets.map(toJson))}\n`);
    else stdout.write(listText(width));
    return 0;
  }
  const preset = findPreset(name);
  const options = describeOptions(preset.schema);
  if (json) stdout.write(`${JSON.stringify({ ...toJson(preset), options })}\n`);
  else stdout.write(detailText(preset, width));
  return 0;
};

function toJson({ name, summary, expected, data }: Preset): Readonly<Record<string, string>> {
  return { name, summary, expected, data };
}

function listText(width: number): string {
  const rows = presets.flatMap(({ name, summary, expected }) => [
    [name, summary],
    ["", `expect: ${expected}`],
  ]);
  const next = "Train one with `galatea train <preset>`; see its options with `galatea presets <preset>`.";
  return `${formatTable(rows, { width })}\n${next}\n`;
}

function detailText(preset: Preset, width: number): string {
  const options = describeOptions(preset.schema).map((option) => [
    option.name,
    JSON.stringify(option.default),
    `${option.description} (${option.range})`,
  ]);
  const facts = [
    ["summary", preset.summary],
    ["expect", preset.expected],
    ["data", preset.data],
  ];
  const heading = [["option", "default", "meaning (range)"]];
  return [
    `${preset.name}\n`,
    formatTable(facts, { width }),
    "\n",
    formatTable([...heading, ...options], { width }),
    `\nSet them with \`galatea train ${preset.name} --set key=value\`.\n`,
  ].join("");
}
