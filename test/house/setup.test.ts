/** What decides whether a checkout must be installed or built again, and the names that `npm start` picks. */

import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

interface Setup {
  adviceForNpm(output: string): string;
  isInstalled(checkout: string): boolean;
  nodeTooOld(found: string, minimum: string): string | undefined;
  readBuild(checkout: string): { fresh: boolean; typesOk: boolean };
  removeOrphans(checkout: string): void;
  runNames(folder: string, name: string): { free: string; newest: string | undefined };
  writeBuild(checkout: string, signature: string, typesOk: boolean): void;
  signatureOf(checkout: string): string;
}

const script = new URL("../../scripts/setup.mjs", import.meta.url).href;
const setup = (await import(/* @vite-ignore */ script)) as Setup;

let folder = "";

function write(path: string, text = ""): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "galatea-setup-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ["20.20.2", "20.9.0", true],
  ["20.9.0", "20.9.0", true],
  ["22.0.0", "20.19.0", true],
  ["20.8.9", "20.9.0", false],
  ["18.20.0", "20.9.0", false],
])("Node %s where %s is asked for: %s", (found, minimum, enough) => {
  const advice = enough ? undefined : `this is Node ${found}; install Node ${minimum} or newer`;
  expect(setup.nodeTooOld(found, minimum)).toBe(advice);
});

test.each([
  ["npm error code EAI_AGAIN", /no package registry could be reached/],
  ["npm error code ENOSPC", /disk is full/],
  ["npm error code EACCES", /cannot be written/],
  ["npm error code EUSAGE", /package-lock\.json disagree/],
  ["spawn npm ENOENT", /npm was not found/],
  ["npm error something new", /its message is above/],
])("when npm says %j, the advice fits", (output, advice) => {
  expect(setup.adviceForNpm(output)).toMatch(advice);
});

describe("isInstalled", () => {
  const left = { version: "1.0.0", integrity: "sha512-left" };
  const right = { version: "2.0.0", integrity: "sha512-right" };
  const foreign = { version: "3.0.0", integrity: "sha512-foreign", optional: true };
  const wanted = { "": { name: "galatea" }, "node_modules/left": left, "node_modules/right": right };

  function installed(packages: object, lock: object = { ...wanted, "node_modules/foreign": foreign }): boolean {
    write("package-lock.json", JSON.stringify({ packages: lock }));
    write("node_modules/.package-lock.json", JSON.stringify({ packages }));
    return setup.isInstalled(folder);
  }

  test("without npm's record, as after an interrupted install, nothing is installed", () => {
    write("package-lock.json", JSON.stringify({ packages: wanted }));
    write("node_modules/left/package.json");
    expect(setup.isInstalled(folder)).toBe(false);
  });

  test("the packages of the lock file are enough, optional ones of other systems left out", () => {
    expect(installed({ "node_modules/left": left, "node_modules/right": right })).toBe(true);
  });

  test("a package that is missing, of another version, or too many asks for an install", () => {
    expect(installed({ "node_modules/left": left })).toBe(false);
    expect(installed({ "node_modules/left": left, "node_modules/right": { ...right, version: "2.0.1" } })).toBe(false);
    expect(installed({ "node_modules/left": left, "node_modules/right": right, "node_modules/more": left })).toBe(
      false,
    );
  });
});

describe("readBuild", () => {
  beforeEach(() => {
    for (const file of ["tsconfig.json", "tsconfig.build.json", "package-lock.json"]) write(file, "{}");
    write("apps/cli/main.ts", "main");
    write("src/a.ts", "a");
    write("src/deep/b.ts", "b");
    write("dist/apps/cli/main.js");
    setup.writeBuild(folder, setup.signatureOf(folder), true);
  });

  test("a build of these very sources is fresh, with what its type check said", () => {
    expect(setup.readBuild(folder)).toEqual({ fresh: true, typesOk: true });
    setup.writeBuild(folder, setup.signatureOf(folder), false);
    expect(setup.readBuild(folder)).toEqual({ fresh: true, typesOk: false });
  });

  test("a changed, new, removed or older source makes it stale", () => {
    const changes = [
      () => write("src/a.ts", "longer"),
      () => write("src/deep/c.ts"),
      () => rmSync(join(folder, "src/deep/b.ts")),
      () => utimesSync(join(folder, "apps/cli/main.ts"), 1, 1),
      () => write("tsconfig.build.json", "{  }"),
      () => rmSync(join(folder, "dist/apps/cli/main.js")),
    ];
    for (const change of changes) {
      change();
      expect(setup.readBuild(folder).fresh).toBe(false);
      write("dist/apps/cli/main.js");
      setup.writeBuild(folder, setup.signatureOf(folder), true);
      expect(setup.readBuild(folder).fresh).toBe(true);
    }
  });

  test("a test that changes leaves it fresh", () => {
    write("src/a.test.ts", "test");
    expect(setup.readBuild(folder).fresh).toBe(true);
  });
});

test("what dist/ holds of removed sources goes, the rest stays", () => {
  write("src/kept.ts");
  const endings = [".js", ".js.map", ".d.ts"];
  for (const ending of endings) for (const name of ["kept", "gone"]) write(`dist/src/${name}${ending}`);
  write("dist/src/data.json");
  setup.removeOrphans(folder);
  for (const ending of endings) {
    expect(existsSync(join(folder, `dist/src/kept${ending}`))).toBe(true);
    expect(existsSync(join(folder, `dist/src/gone${ending}`))).toBe(false);
  }
  expect(existsSync(join(folder, "dist/src/data.json"))).toBe(true);
});

test("run names count up to the first that is free", () => {
  expect(setup.runNames(folder, "first-light")).toEqual({ free: "first-light", newest: undefined });
  mkdirSync(join(folder, "first-light"));
  expect(setup.runNames(folder, "first-light")).toEqual({ free: "first-light-2", newest: "first-light" });
  mkdirSync(join(folder, "first-light-2"));
  expect(setup.runNames(folder, "first-light")).toEqual({ free: "first-light-3", newest: "first-light-2" });
  expect(setup.runNames(join(folder, "absent"), "first-light").free).toBe("first-light");
});
