/** Tells the processor to take numbers below 1.2e-38 for zero, for one thread.
 *
 * Moments of weights that get no gradient decay into that range and stay there; arithmetic on them is
 * 20 to 50 times slower (measured on a Xeon with AVX-512). ONNX Runtime's own option covers the threads that
 * a session starts, but of the threads that call it only the one that made the process's first session.
 *
 * Source: Intel 64 manual, volume 1, 10.2.3: bits 15 (flush to zero) and 6 (denormals are zero) of MXCSR. */

import koffi from "koffi";

const flushBits = 0x8040;
/** Where glibc keeps MXCSR in the 32 bytes of `fenv_t`. */
const mxcsrOffset = 28;

function flushOnLinux(): void {
  const maths = koffi.load("libm.so.6");
  const environment = new DataView(new ArrayBuffer(32));
  const bytes = new Uint8Array(environment.buffer);
  maths.func("fegetenv", "int", ["void *"])(bytes);
  environment.setUint32(mxcsrOffset, environment.getUint32(mxcsrOffset, true) | flushBits, true);
  maths.func("fesetenv", "int", ["void *"])(bytes);
}

function flushOnWindows(): void {
  const [flush, mask] = [0x01000000, 0x03000000]; // _DN_FLUSH, _MCW_DN
  koffi.load("ucrtbase.dll").func("_controlfp", "uint", ["uint", "uint"])(flush, mask);
}

/**
 * Flushes denormals on the thread that calls it, JavaScript's included: never call it on the main thread.
 * @returns whether they are zero now; on ARM they are not, as in ONNX Runtime, and cost nothing there
 */
export function flushDenormals(): boolean {
  try {
    if (process.arch === "x64" && process.platform === "linux") flushOnLinux();
    if (process.arch === "x64" && process.platform === "win32") flushOnWindows();
  } catch {
    // A system without that function computes with denormals: slower, not wrong.
  }
  const tiny = new Float64Array([Number.MIN_VALUE]);
  return tiny[0] * 2 === 0;
}
