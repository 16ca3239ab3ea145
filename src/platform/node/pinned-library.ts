/** Shared libraries that stay in memory once they are loaded. */

import koffi, { type LibraryHandle } from "koffi";

/**
 * Loads a library and takes a reference to it that nobody gives back. koffi unloads what JavaScript no longer
 * reaches and what an ending worker had loaded, whatever function pointers, tensors and threads the library
 * still has.
 * @throws Error when it is missing or cannot be loaded.
 */
export function loadPinned(path: string): LibraryHandle {
  const library = koffi.load(path);
  const now = 2; // RTLD_NOW
  const address: unknown =
    process.platform === "win32"
      ? koffi.load("kernel32.dll").func("LoadLibraryW", "void *", ["str16"])(path)
      : koffi.load(null).func("dlopen", "void *", ["str", "int"])(path, now);
  if (address === null) throw new Error("the library cannot be kept in memory");
  return library;
}
