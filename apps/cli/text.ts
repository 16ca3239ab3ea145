/** Numbers, durations and tables as people read them. */

/** The words of a list, `a, b and c`; `none` of an empty one. */
export function formatList(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? "none";
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** Four significant digits: `98.31`, `0.001234`, `1.2e-7`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential(3);
  if (size >= 1000) return value.toFixed(size >= 10_000 ? 0 : 1);
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}

/** `0.4 s`, `12 s`, `3 min 05 s`, `2 h 14 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "?";
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (part: number): string => String(part).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** `312 kB`, `4.1 GB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = bytes;
  let unit = 0;
  for (; size >= 999.5 && unit < units.length - 1; unit++) size /= 1000;
  return `${unit === 0 || size >= 99.5 ? Math.round(size) : size.toPrecision(2)} ${units[unit]}`;
}

/** Columns under each other, two spaces between; numbers to the right; the last one is broken to the width. */
export function formatTable(
  rows: readonly (readonly string[])[],
  { width = 100, right = [] }: { readonly width?: number; readonly right?: readonly number[] } = {},
): string {
  const last = Math.max(0, ...rows.map((row) => row.length)) - 1;
  const widths = Array.from({ length: last }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const indent = widths.reduce((sum, columnWidth) => sum + columnWidth + 2, 0);
  const lines = rows.map((row) => {
    const cells = widths.map((columnWidth, column) => {
      const cell = row[column] ?? "";
      return right.includes(column) ? cell.padStart(columnWidth) : cell.padEnd(columnWidth);
    });
    const ending = breakText(row[last] ?? "", Math.max(24, width - indent));
    return [...cells, ending.join(`\n${" ".repeat(indent)}`)].join("  ").trimEnd();
  });
  return lines.map((line) => `${line}\n`).join("");
}

/** Lines of at most `width` characters, broken between words. */
function breakText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1];
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
