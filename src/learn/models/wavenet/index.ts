/** Autoregressive models of sound. */

export { receptiveField, type WaveNetOptions, type WaveNetParameters, waveNet } from "./wavenet.ts";
