/** The pieces that drawings in SVG are made of. */

export const fonts = "DejaVu Sans, Liberation Sans, Noto Sans, Helvetica, Arial, sans-serif";
export const [ink, faint] = ["#222222", "#777777"];

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** What XML cannot carry becomes a question mark. */
function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return text.replace(/[\u0000-\u001f\ufffe\uffff]/g, "?").replace(/[&<>"]/g, (character) => escapes[character]);
}

interface TextOptions {
  readonly size?: number;
  readonly colour?: string;
  readonly anchor?: "start" | "end";
  readonly bold?: boolean;
}

export function text(x: number, y: number, content: string, options: TextOptions = {}): string {
  const { size = 14, colour = ink, anchor = "start", bold = false } = options;
  const weight = bold ? ' font-weight="bold"' : "";
  const look = `font-size="${size}" fill="${colour}" text-anchor="${anchor}"${weight}`;
  return `<text x="${round(x)}" y="${round(y)}" ${look}>${escapeText(content)}</text>`;
}

export function rectangle(x: number, y: number, width: number, height: number, colour: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${colour}"/>`;
}

/** A length to a hundredth. */
export function round(length: number): number {
  return Math.round(length * 100) / 100;
}

/** A picture in a drawing: the bytes of a PNG file. */
export function embedded(x: number, y: number, width: number, height: number, png: Uint8Array): string {
  const source = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
  return `<image x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" href="${source}"/>`;
}
