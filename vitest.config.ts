/** How vitest runs the tests. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const fromRoot = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The package's own names (`galatea/nn`), as tsconfig.json maps them to sources. */
function selfAliases(): { find: RegExp; replacement: string }[] {
  const { compilerOptions } = JSON.parse(readFileSync(fromRoot("tsconfig.json"), "utf8")) as {
    compilerOptions: { paths: Record<string, [string]> };
  };
  return Object.entries(compilerOptions.paths).map(([name, [path]]) => ({
    find: new RegExp(`^${name}$`),
    replacement: fromRoot(path),
  }));
}

export default defineConfig({
  resolve: { alias: selfAliases() },
  test: {
    include: ["src/**/*.test.ts", "apps/**/*.test.ts", "test/**/*.test.ts"],
    // They need a graphics device: `npm run test:webgpu` brings one.
    exclude: ["test/webgpu/**", "node_modules/**"],
    pool: "forks",
    // A worker thread that a test starts from a .ts file gets this option from its fork.
    execArgv: ["--import", new URL("scripts/typescript.mjs", import.meta.url).href],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
