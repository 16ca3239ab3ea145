/** Sound as a data set: recordings become levels of mu-law, sample after sample, with what they are labelled as. */

import { basename } from "node:path";
import { GalateaError } from "../../../core/base/index.ts";
import { checkIndices, type DataSplits, type Dataset, type Vocabulary } from "../dataset.ts";
import { divideRecordings } from "./divide-recordings.ts";
import { decodeMuLaw, encodeMuLaw } from "./mu-law.ts";
import { type Recording, readRecordings } from "./recordings.ts";
import type { SplitName } from "./transcripts.ts";

/** How recordings become levels. */
export interface WaveReading {
  /** Samples a second that all recordings are brought to. */
  readonly rate: number;
  /** Levels of a sample, 2 to 256. */
  readonly levels: number;
  /** Samples of an example at most. */
  readonly places: number;
  /**
   * What is done with longer recordings: they are cut into windows, or only their beginning is used, which is all that a
   * label can say the course of. Recordings without labels are always cut.
   */
  readonly longer: "windows" | "beginning";
}

/** Above are transcripts rather than labels. */
const mostClasses = 1000;
/** Recordings of a class on average, at least. */
const leastOfClass = 2;

/** The tokens of sound: its levels, then one for the end and one that fills up. Sounds begin after silence. */
export function waveVocabulary({ levels }: Pick<WaveReading, "levels">): Required<Omit<Vocabulary, "unknown">> {
  return { size: levels + 2, begin: Math.floor(levels / 2), end: levels, pad: levels + 1 };
}

/** The amplitudes of tokens, up to their end. Of a sound that ends at once one silent sample is left, as no file has none. */
export function soundOfTokens(tokens: ArrayLike<number | bigint>, reading: Pick<WaveReading, "levels">): Float32Array {
  const codes = Array.from(tokens, Number);
  const ended = codes.indexOf(waveVocabulary(reading).end);
  const heard = ended < 0 ? codes : codes.slice(0, ended);
  return heard.length > 0 ? decodeMuLaw(heard, reading.levels) : new Float32Array(1);
}

/**
 * The WAV files of a folder or a tar archive: `tokens` int32 [places + 1], of which the first is the sample before the
 * example, silence at the beginning of a recording; after the last sample of a recording comes an end, then padding. Where
 * recordings have transcripts (or lie in folders) and these repeat, they are labels: `label` int32 [].
 *
 * @throws GalateaError `data` when there are no recordings; `config` for options out of range.
 */
export async function loadWaves(path: string, reading: WaveReading, name = basename(path)): Promise<DataSplits> {
  const { recordings, notes } = await readRecordings(path, { rate: reading.rate });
  return waveSplits(name, recordings, reading, notes);
}

/** The splits of recordings that are at hand, all of the reading's rate. */
export function waveSplits(
  name: string,
  recordings: readonly Recording[],
  reading: WaveReading,
  notes: readonly string[] = [],
): DataSplits {
  const { rate, places } = reading;
  if (recordings.length === 0) throw new GalateaError("data", name, "there are no recordings", "1 or more");
  const divided = divideRecordings(recordings, name);
  const classes = classesOf(recordings);
  const longer = classes ? reading.longer : "windows";
  const make = (split: SplitName): Dataset =>
    windows(`${name} ${split}`, divided[split], { ...reading, longer }, classes);
  const long = recordings.filter(({ samples }) => samples.length + 1 > places).length;
  const seconds = `${(places / rate).toFixed(2)} s`;
  const cut = longer === "windows" ? `are cut into windows of ${seconds}` : `are used up to ${seconds} only`;
  const total = recordings.reduce((sum, { samples }) => sum + samples.length, 0) / rate;
  return {
    name,
    description: `${recordings.length} recordings, ${total.toFixed(1)} s of sound at ${rate} Hz`,
    train: make("train"),
    validation: make("validation"),
    test: make("test"),
    notes: [
      ...notes,
      ...divided.notes,
      ...(classes ? [] : ["there are no labels: transcripts are missing, or nearly all differ"]),
      ...(long > 0 ? [`${long} of ${recordings.length} recordings are longer and ${cut}`] : []),
    ],
  };
}

/** The texts that are labels; none where they are not. */
function classesOf(recordings: readonly Recording[]): readonly string[] | undefined {
  const texts = new Set(recordings.map(({ text }) => text));
  const most = Math.min(mostClasses, recordings.length / leastOfClass);
  if (texts.has(undefined) || texts.size < 2 || texts.size > most) return undefined;
  return ([...texts] as string[]).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

function windows(
  name: string,
  recordings: readonly Recording[],
  reading: WaveReading,
  classes: readonly string[] | undefined,
): Dataset {
  const { levels, places, longer } = reading;
  const vocabulary = waveVocabulary(reading);
  // A byte a sample; the end is not among them.
  const codes = recordings.map(({ samples }) => encodeMuLaw(samples, levels));
  const starts = codes.flatMap((own, recording) => {
    const count = longer === "windows" ? Math.max(1, Math.ceil(own.length / places)) : 1;
    return Array.from({ length: count }, (_, i) => ({ recording, start: i * places }));
  });
  const size = places + 1;
  return {
    name,
    count: starts.length,
    fields: {
      tokens: { dtype: "int32", shape: [size] },
      ...(classes && { label: { dtype: "int32", shape: [] } }),
    },
    vocabularies: { tokens: vocabulary },
    // The sample before, those shown, and the end where it is within.
    lengths: {
      tokens: Uint32Array.from(starts, ({ recording, start }) => Math.min(size, 2 + codes[recording].length - start)),
    },
    ...(classes && { classes }),
    gather: (indices) => {
      checkIndices(name, starts.length, indices);
      const chosen = Array.from(indices, (index) => starts[index]);
      const tokens = new Int32Array(chosen.length * size).fill(vocabulary.pad);
      chosen.forEach(({ recording, start }, i) => {
        const own = codes[recording];
        const shown = own.subarray(start, start + places);
        tokens[i * size] = start === 0 ? vocabulary.begin : own[start - 1];
        tokens.set(shown, i * size + 1);
        if (shown.length < places) tokens[i * size + 1 + shown.length] = vocabulary.end;
      });
      if (!classes) return { tokens };
      return { tokens, label: Int32Array.from(chosen, (one) => classes.indexOf(recordings[one.recording].text ?? "")) };
    },
  };
}
