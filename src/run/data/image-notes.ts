/** What the user is told about a folder of images: left out, changed, and why. */

import type { FoundImages, ImageFile, ImageHeader } from "./image-files.ts";

/** Files with what went wrong, e.g. `a/b.png (unsupported image format)`; after ten, only their number. */
export function nameFailures(failures: ReadonlyMap<ImageFile, string>): string {
  const named = [...failures].sort(([a], [b]) => (a.name < b.name ? -1 : 1)).slice(0, 10);
  const rest = failures.size > named.length ? `, and ${failures.size - named.length} more` : "";
  return named.map(([{ name }, reason]) => `${name} (${reason})`).join(", ") + rest;
}

/** Images that failed, with their reasons. */
export function skippedNotes(failures: ReadonlyMap<ImageFile, string>): readonly string[] {
  if (failures.size === 0) return [];
  return [`warning: skipped ${failures.size} image(s) that cannot be decoded: ${nameFailures(failures)}`];
}

/** What was left out by its name or place; `strayCount` images lie beside the sub-folders. */
export function ignoredNotes({ hiddenCount, otherCount }: FoundImages, strayCount: number): readonly string[] {
  const notes: string[] = [];
  if (strayCount > 0) notes.push(`warning: skipped ${strayCount} image(s) outside the sub-folders: they have no label`);
  if (hiddenCount + otherCount > 0) {
    notes.push(`ignored ${otherCount} file(s) that are not images and ${hiddenCount} hidden one(s)`);
  }
  return notes;
}

/** What was done to the images to make them all alike. */
export function changeNotes(
  headers: readonly ImageHeader[],
  [height, width]: readonly [number, number],
  channels: 1 | 3,
): readonly string[] {
  const notes: string[] = [];
  const add = (count: number, what: string): void => {
    if (count > 0) notes.push(`${count} of ${headers.length} images ${what}`);
  };
  const resized = headers.filter((header) => header.height !== height || header.width !== width).length;
  add(resized, `had another size: cut to the proportions of ${height} x ${width} around the middle and resized`);
  add(headers.filter(({ transparent }) => transparent).length, "had an alpha channel: laid on white");
  if (channels === 1) add(headers.filter(({ grey }) => !grey).length, "were stored in colour: turned to grey");
  else add(headers.filter(({ grey }) => grey).length, "were grey: turned to RGB");
  return notes;
}

/** Labels that a single example has, which may be held out from training. */
export function lonelyNotes(labels: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const lonely = [...counts].flatMap(([label, count]) => (count === 1 ? [label] : []));
  if (lonely.length === 0 || counts.size === 1) return [];
  const named = lonely.slice(0, 10).join(", ") + (lonely.length > 10 ? `, and ${lonely.length - 10} more` : "");
  return [`${lonely.length} class(es) have a single example, too few to be learned or held out: ${named}`];
}
