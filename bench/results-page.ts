/** docs/results.md, made from what `npm run verify` recorded. */

import type { RowRecord } from "./results.ts";
import type { ResultLine } from "./rows/index.ts";

/** Whether a value lies on the promised side of the line's bound; nothing where nothing is promised. */
export function isReached(
  { bound, direction }: Pick<ResultLine, "bound" | "direction">,
  value: number,
): boolean | undefined {
  if (bound === undefined) return undefined;
  return direction === "at most" ? value <= bound : value >= bound;
}

/** Such as `at most 95`. */
export function promiseOf({ bound, direction }: Pick<ResultLine, "bound" | "direction">): string {
  return bound === undefined ? "" : `${direction} ${bound}`;
}

/** A published value, or a dash. */
export function publishedText(published: number | null): string {
  return published === null ? "–" : `${published}`;
}

/** The page as Markdown: the newest record of each row, in the table's order. */
export function renderResultsPage(records: readonly RowRecord[], rows: readonly ResultLine[]): string {
  const newest = new Map(records.map((record) => [record.row, record]));
  const names = [...new Set([...rows.map(({ row }) => row), ...newest.keys()])];
  const lines: string[] = [];
  const sections: string[] = [];
  for (const name of names) {
    const row = rows.find((entry) => entry.row === name);
    const record = newest.get(name);
    const bound = row === undefined ? "" : promiseOf(row);
    const published = publishedText((record ?? row)?.published ?? null);
    const metric = record?.metric ?? row?.metric ?? "";
    const isKept = row && record && isReached(row, record.value);
    const reached = isKept === undefined ? "" : isKept ? "yes" : "no";
    const obtained = record === undefined ? "not measured yet" : `**${record.value}**`;
    lines.push(
      cells([record === undefined ? name : `[${name}](#${name})`, metric, obtained, published, bound, reached]),
    );
    if (record !== undefined) sections.push(section(record, records.filter((other) => other.row === name).length));
  }
  return [
    "<!-- Written by npm run verify; change bench/, not this page. -->",
    "# Results",
    "Numbers that others published, beside what this repository obtains. Each row is one command; every run " +
      "of it is kept in [results.jsonl](results.jsonl), and the newest is shown here.",
    [
      cells(["row", "metric", "obtained", "published", "promised", "reached"]),
      cells(Array(6).fill("---")),
      ...(lines.length > 0 ? lines : [cells(["nothing measured yet", "", "", "", "", ""])]),
    ].join("\n"),
    ...sections,
  ]
    .join("\n\n")
    .concat("\n");
}

function section(record: RowRecord, runs: number): string {
  const facts = [
    record.published === null ? record.source : `published: ${record.published}, ${record.source}`,
    `command: \`${record.command}\``,
    `seed: ${record.seed}`,
    `time: ${duration(record.seconds)}`,
    `machine: ${record.machine}`,
    `measured: ${record.date.slice(0, 10)}, at commit ${record.commit}${runs > 1 ? `; the newest of ${runs} runs` : ""}`,
  ];
  return `## ${record.row}\n\n${facts.map((fact) => `- ${fact}`).join("\n")}`;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function cells(texts: readonly string[]): string {
  return `| ${texts.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
}
