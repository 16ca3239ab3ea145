/** Music: notes from MIDI files and ABC tunes, notes as tokens, and back to MIDI and sound.
 *
 * Must not know models. */

export { type AbcReadOptions, decodeAbc } from "./abc.ts";
export { loadTunes, type MusicReading, readBeginning, tokenizerOf, tuneOfTokens, tuneSplits } from "./load-tunes.ts";
export { madeTunes } from "./made-tunes.ts";
export {
  type DecodedTune,
  decodeMidi,
  encodeMidi,
  type MidiReadOptions,
  writeMidiFile,
} from "./midi.ts";
export {
  createNoteTokenizer,
  type DecodedNotes,
  type NoteTokenizer,
  type NoteTokenOptions,
} from "./note-tokens.ts";
export { type Note, quantizeTune, secondsAtTick, type Tempo, type Tune, ticksOf } from "./notes.ts";
export { type PlayOptions, playTune } from "./play-tune.ts";
export { type NamedTune, readTunes, type Tunes, type TunesOptions } from "./tunes.ts";
