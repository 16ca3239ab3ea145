/** Files for tests of readers, removed when the test is over. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** What the file of a name holds. */
type Contents = Readonly<Record<string, string | Uint8Array>>;

interface TestFiles {
  /** A folder with files; gives its path. */
  folderOf(contents: Contents): Promise<string>;
  /** A file in a folder of its own; gives its path. */
  fileOf(name: string, content: string | Uint8Array): Promise<string>;
}

/** @param onFinished Vitest's `onTestFinished`, which the product's folders may not import. */
export function testFiles(onFinished: (clean: () => Promise<void>) => void): TestFiles {
  const folderOf = (contents: Contents): Promise<string> => writeFolder(contents, onFinished);
  return { folderOf, fileOf: async (name, content) => join(await folderOf({ [name]: content }), name) };
}

async function writeFolder(files: Contents, onFinished: (clean: () => Promise<void>) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "galatea-text-"));
  onFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}
