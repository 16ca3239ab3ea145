import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readBytes, removeLeftovers, writeAtomically, writeFileAtomically } from "./files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "galatea-files-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("writing", () => {
  test("makes missing folders, writes bytes, text and pieces, replaces what was there", async () => {
    const path = join(folder, "a", "b", "file.bin");
    await writeFileAtomically(path, new Uint8Array([1, 2, 3]));
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
    await writeFileAtomically(path, "schön");
    expect(readFileSync(path, "utf8")).toBe("schön");
    await writeFileAtomically(path, [new Uint8Array([4]), new Uint8Array(0), new Uint8Array([5, 6])]);
    expect([...readFileSync(path)]).toEqual([4, 5, 6]);
    expect(readdirSync(join(folder, "a", "b"))).toEqual(["file.bin"]);
  });

  test("a failure in the middle keeps the old file and leaves no temporary one", async () => {
    const path = join(folder, "file.txt");
    await writeFileAtomically(path, "old");
    const failing = writeAtomically(path, async (file) => {
      await file.writeFile("half of the n");
      throw new Error("pulled plug");
    });
    await expect(failing).rejects.toMatchObject({
      code: "storage",
      message: `${path}: cannot be written: pulled plug`,
    });
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["file.txt"]);
  });

  test("the temporary name is never the final one while bytes are still coming", async () => {
    const path = join(folder, "file.txt");
    await writeAtomically(path, async (file) => {
      await file.writeFile("whole");
      expect(existsSync(path)).toBe(false);
      expect(readdirSync(folder)).toHaveLength(1);
    });
    expect(readFileSync(path, "utf8")).toBe("whole");
  });

  test("a path through a file and a path that is a folder are named in words", async () => {
    writeFileSync(join(folder, "plain"), "");
    await expect(writeFileAtomically(join(folder, "plain", "x"), "")).rejects.toMatchObject({
      code: "storage",
      message: expect.stringMatching(/plain: cannot be made: a part of the path is a file, not a folder/),
    });
    mkdirSync(join(folder, "sub"));
    await expect(writeFileAtomically(join(folder, "sub"), "")).rejects.toMatchObject({
      code: "storage",
      message: expect.stringMatching(/sub: cannot be written: it is a folder, not a file \(EISDIR\); name a file/),
    });
    expect(readdirSync(folder).sort()).toEqual(["plain", "sub"]);
  });

  test("leftovers of a killed process are removed, other files are not", async () => {
    writeFileSync(join(folder, ".step-00000001.safetensors.0a1b2c3d.tmp"), "half");
    writeFileSync(join(folder, ".keep.tmp"), "");
    writeFileSync(join(folder, "file.txt"), "");
    await removeLeftovers(folder);
    expect(readdirSync(folder).sort()).toEqual([".keep.tmp", "file.txt"]);
  });
});

test("reading a missing file says so, with the caller's code", async () => {
  await expect(readBytes("checkpoint", join(folder, "none"))).rejects.toMatchObject({
    code: "checkpoint",
    message: expect.stringMatching(/none: cannot be read: it does not exist \(ENOENT\); check the spelling/),
  });
});

/** A file system of its own with the given mount options; `undefined` where this process may not mount one. */
function mount(options: string): (() => void) | undefined {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "galatea-test", folder], { stdio: "ignore" });
    return () => execFileSync("umount", [folder], { stdio: "ignore" });
  } catch {
    return undefined;
  }
}

describe("file systems that refuse", () => {
  test("a full disk: said in words, the old file kept, nothing half-written left", async (context) => {
    const unmount = mount("size=64k");
    if (unmount === undefined) return context.skip("mounting a small tmpfs needs root");
    try {
      const path = join(folder, "file.bin");
      await writeFileAtomically(path, "old");
      await expect(writeFileAtomically(path, new Uint8Array(1 << 20))).rejects.toMatchObject({
        code: "storage",
        message: `${path}: cannot be written: the disk is full (ENOSPC); free some space or choose another folder`,
      });
      expect(readFileSync(path, "utf8")).toBe("old");
      expect(readdirSync(folder)).toEqual(["file.bin"]);
    } finally {
      unmount();
    }
  });

  test("a read-only file system", async (context) => {
    const unmount = mount("ro,size=64k");
    if (unmount === undefined) return context.skip("mounting a read-only tmpfs needs root");
    try {
      await expect(writeFileAtomically(join(folder, "file"), "")).rejects.toMatchObject({
        code: "storage",
        message: expect.stringMatching(/the file system is read-only \(EROFS\)/),
      });
    } finally {
      unmount();
    }
  });

  test("a folder without permission", async (context) => {
    const user = process.getuid?.();
    if (user === undefined) return context.skip("this system has no file permissions to take away");
    const path = join(folder, "file");
    if (user !== 0) {
      chmodSync(folder, 0o500);
      await expect(writeFileAtomically(path, "")).rejects.toMatchObject({
        code: "storage",
        message: expect.stringMatching(/no permission \(EACCES\)/),
      });
      chmodSync(folder, 0o700);
      return;
    }
    // Root may write anywhere, so that a child of another user has to try.
    chmodSync(folder, 0o755);
    const code = [
      `const { writeFileAtomically } = await import(${JSON.stringify(new URL("./files.ts", import.meta.url).href)});`,
      "process.setgid(65534); process.setuid(65534);",
      `await writeFileAtomically(${JSON.stringify(path)}, "").catch((e) => console.log(e.code + "|" + e.message));`,
    ].join("\n");
    const run = () => execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code]).toString();
    expect(run()).toContain(`storage|${path}: cannot be written: no permission (EACCES)`);
    expect(existsSync(path)).toBe(false);
  });
});
