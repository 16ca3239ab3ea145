/** A training step in TensorFlow.js on its wasm backend: `peer.mjs <workload>`.
 *
 * Threads are left out: TensorFlow.js starts none below Node, which its flag WASM_HAS_MULTITHREAD_SUPPORT says. */

import * as tf from "@tensorflow/tfjs";
import { version_wasm } from "@tensorflow/tfjs-backend-wasm";
import { serve, sizesOf } from "../serve.mjs";

const workload = process.argv[2];
await tf.setBackend("wasm");
const simd = (await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) ? ", SIMD" : "";
const { build } = await import(`./${workload}.mjs`);
await serve({ tfjs: `${version_wasm} (wasm${simd})` }, () => build(sizesOf(workload)));
