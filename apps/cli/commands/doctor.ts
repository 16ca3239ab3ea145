/** `galatea doctor`: whether this machine and this installation can do the work, 1 when they cannot; with --profile
 * what a training step does. */

import { GalateaError } from "../../../src/core/base/index.ts";
import type { Run } from "../context.ts";
import { type Finding, type Health, inspect } from "../doctor/index.ts";
import type { doctorCommand } from "../options.ts";
import { createProgress } from "../progress.ts";
import { formatTable } from "../text.ts";

export const runDoctor: Run<typeof doctorCommand> = async (_, values, context) => {
  const { profile, json, set, ...others } = values;
  if (profile !== undefined) {
    const { runProfile } = await import("./doctor-profile.ts");
    return runProfile(profile, values, context);
  }
  const [stray] = Object.entries({ ...others, set: set.length > 0 ? set : undefined }).filter(([, value]) => value);
  if (stray) throw new GalateaError("usage", `--${stray[0]}`, "means nothing alone", "name a preset with --profile");
  const { stdout, stderr, environment } = context;
  const progress = createProgress(stderr, { now: () => performance.now(), environment });
  const findings: Finding[] = [];
  for await (const { finding, done, total } of inspect(context)) {
    findings.push(finding);
    if (stderr.isTTY) progress.show({ task: "checking", done, total });
  }
  progress.end();
  const failed = findings.some(({ health }) => health === "fail");
  if (json) stdout.write(`${JSON.stringify({ ok: !failed, checks: findings })}\n`);
  else stdout.write(report(findings, stdout.columns ?? 100, stdout.hasColors?.() ?? false));
  return failed ? 1 : 0;
};

const colours: Readonly<Record<Health, number>> = { ok: 32, warn: 33, fail: 31, info: 2 };

function report(findings: readonly Finding[], width: number, coloured: boolean): string {
  const table = formatTable(
    findings.map(({ health, name, detail }) => [health.padEnd(4), name, detail]),
    { width },
  );
  const count = (health: Health): number => findings.filter((finding) => finding.health === health).length;
  const verdict =
    count("fail") > 0
      ? `${count("fail")} of ${findings.length} checks failed: Galatea cannot work here`
      : "Galatea can work here";
  const warnings = count("warn") > 0 ? ` (warnings: ${count("warn")})` : "";
  const text = `${table}\n${verdict}${warnings}\n`;
  if (!coloured) return text;
  return text.replace(/^(ok|warn|fail|info)\b/gm, (word) => `\u001b[${colours[word as Health]}m${word}\u001b[0m`);
}
