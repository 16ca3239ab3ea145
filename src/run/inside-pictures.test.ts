import { expect, test } from "vitest";
import type { InsideAxis } from "./inside.ts";
import { insidePictures } from "./inside-pictures.ts";
import { drawHeatMaps, encodeSvg } from "./pictures/index.ts";

const axis = (labels: readonly string[]): InsideAxis => ({ kind: "tokens", field: "tokens", labels }) as InsideAxis;

test("scores over time are probabilities, tokens below each other and time to the right", async () => {
  const [steps, tokens] = [
    ["1", "2", "3"],
    ["a", "b"],
  ];
  const probable = [0.9, 0.1, 0.5, 0.5, 0.25, 0.75];
  const known = { name: "scores", kind: "scores", title: "how probable", layers: 1, heads: 1 } as const;
  const values = Float32Array.from(probable, Math.log);
  const [picture] = await insidePictures({
    inside: [{ ...known, rows: axis(steps), columns: axis(tokens), values }],
  });
  const panel = (shown: readonly number[]): Promise<Uint8Array> =>
    drawHeatMaps({
      title: "how probable",
      lines: [[{ title: "", rows: tokens, columns: steps, values: Float32Array.from(shown), range: [0, 1] }]],
    }).then(encodeSvg);
  expect(picture.bytes).toEqual(await panel([0.9, 0.5, 0.25, 0.1, 0.5, 0.75]));
  expect(picture.bytes).not.toEqual(await panel(probable));
});
