/** `galatea doctor --profile`: measures a preset's training step and shows where its time and memory go. */

import { availableParallelism } from "node:os";
import { createCpuBackend } from "../../../src/platform/node/index.ts";
import {
  parseAssignments,
  parseConfig,
  profile,
  requireWritable,
  type StepProfile,
  writeFileAtomically,
  writeProfilePicture,
} from "../../../src/run/index.ts";
import type { CommandContext } from "../context.ts";
import { absoluteSource, loadData, warningLine } from "../data-source.ts";
import type { ExitCode } from "../failure.ts";
import type { OptionValues } from "../option-spec.ts";
import type { doctorCommand } from "../options.ts";
import { loadPresetSource } from "../preset-source.ts";
import { profileReport } from "../profile-report.ts";
import { createProgress } from "../progress.ts";

const defaultSteps = 10;

/** Profiles the preset or config file `name`. */
export async function runProfile(
  name: string,
  values: OptionValues<typeof doctorCommand>,
  context: CommandContext,
): Promise<ExitCode> {
  const { stdout, stderr, environment } = context;
  const { preset, settings, data: ownData } = await loadPresetSource(name);
  const config = parseConfig(preset.schema, { ...settings, ...parseAssignments(preset.schema, values.set) });
  const picture = values.out ?? `profile-${preset.name.replaceAll("/", "-")}.png`;
  // Measuring takes a while: what cannot be kept is said before.
  for (const path of [picture, ...(values.onnx === undefined ? [] : [values.onnx])]) await requireWritable(path);

  const progress = createProgress(stderr, { now: () => performance.now(), environment });
  const backend = createCpuBackend({ threads: values.threads ?? availableParallelism() });
  let result: StepProfile;
  try {
    const source = absoluteSource(values.data ?? ownData ?? preset.data);
    const data = await loadData(source, context, progress, preset.reading?.(config));
    const onProgress = (done: number, total: number): void => progress.show({ task: "profiling", done, total });
    const steps = values.steps ?? defaultSteps;
    result = await profile({ backend, preset, config, data, steps, onProgress });
  } finally {
    progress.end();
    await backend.dispose();
  }
  const { file, ...numbers } = result;
  if (values.onnx !== undefined) await writeFileAtomically(values.onnx, file);
  const hasWords = await writeProfilePicture(picture, result);
  const files = { picture, ...(values.onnx !== undefined && { onnx: values.onnx }) };
  if (values.json) stdout.write(`${JSON.stringify({ ...numbers, files })}\n`);
  else stdout.write(profileReport(result, files, stdout.columns ?? 100));
  if (!hasWords) {
    const line =
      "no font was found, so the picture has boxes for letters; on Debian, apt-get install fonts-dejavu-core";
    stderr.write(`${warningLine(line)}\n`);
  }
  return 0;
}
