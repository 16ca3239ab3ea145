/** Who may import whom. The table is the architecture; everything below turns it into rules that
 * dependency-cruiser enforces in `npm test`. */

const core = ["src/core", "src/core/base", "src/core/graph", "src/core/trace", "src/core/autodiff", "src/core/compile"];
const learn = ["src/learn/nn", "src/learn/optim", "src/learn/prob", "src/learn/models"];
const run = [
  "src/run",
  "src/run/data",
  "src/run/metrics",
  "src/run/pictures",
  "src/run/checkpoint",
  "src/run/presets",
  "src/run/renderings",
  "src/run/tasks",
];
const platform = ["src/platform/node", "src/platform/web"];
const everyDoor = ["src", ...core, "src/engine", "src/engine/interpreter", ...learn, ...run, ...platform];

/**
 * Each room (a folder with an index.ts as its door) and what its files may import beside each other:
 * - `src/core/base`: that room, through its door
 * - `src/engine/*`: the files that lie directly in that room, without the door
 * - `src/run/files.ts`: that one file
 *
 * A folder that is not listed belongs to the nearest listed folder above it. Tests may import anything.
 *
 * @type {Record<string, readonly string[]>}
 */
export const importTable = {
  "src/core/base": [],
  "src/core/graph": ["src/core/base"],
  "src/core/trace": ["src/core/base", "src/core/graph"],
  "src/core/autodiff": ["src/core/base", "src/core/graph", "src/core/trace"],
  "src/core/compile": ["src/core/base", "src/core/graph", "src/core/compile/passes", "src/core/compile/onnx"],
  "src/core/compile/passes": ["src/core/base", "src/core/graph", "src/core/compile/*"],
  "src/core/compile/onnx": ["src/core/base", "src/core/graph", "src/core/compile/*"],
  "src/core": core,

  "src/engine": [...core, "src/engine/interpreter"],
  "src/engine/interpreter": [...core, "src/engine/*"],

  "src/learn/nn": ["src/core", "src/core/base", "src/core/trace"],
  "src/learn/optim": ["src/core", "src/core/base", "src/core/trace", "src/core/autodiff"],
  "src/learn/prob": ["src/core", "src/core/base", "src/core/trace", "src/core/autodiff"],
  "src/learn/models": [...core, "src/learn/nn", "src/learn/prob"],

  "src/platform/node": [...core, "src/engine", "src/engine/interpreter"],
  "src/platform/web": [...core, "src/engine", "src/engine/interpreter"],

  "src/run/data": [...core, "src/run/files.ts"],
  "src/run/metrics": [...core, "src/engine", "src/run/files.ts"],
  "src/run/pictures": [...core, "src/run/files.ts"],
  "src/run/checkpoint": [...core, "src/run/files.ts"],
  "src/run/presets": [...core, ...learn, "src/run/data", "src/run/metrics", "src/run/*"],
  "src/run/renderings": [...core, ...learn, "src/run/data", "src/run/pictures", "src/run/*"],
  "src/run/tasks": [...core, "src/engine", ...learn, "src/run/data", "src/run/metrics", "src/run/*"],
  "src/run": [...core, "src/engine", "src/engine/interpreter", ...learn, ...run],

  src: [...core, "src/engine", "src/engine/interpreter", ...learn, ...run],

  "apps/cli": everyDoor,
  "apps/server": everyDoor,
  "apps/studio": everyDoor,
  bench: everyDoor,
};

const rooms = Object.keys(importTable);
/** Where none of Node's own modules may be used. */
const browserRooms = ["src/core", "src/engine", "src/learn", "src/platform/web"];
const tests = "[.]test[.]ts$|^test/";
const publicDoors = ["src", ...learn, "src/run", "src/platform/node", "src/platform/web"];

/** @param {string} name */
const escapeRegExp = (name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** @param {readonly string[]} patterns */
const anyOf = (patterns) => patterns.join("|") || "(?!)";

/** Every file of a room, those of rooms inside it left out; of `src` only the files beside its door. @param {string} room */
function filesOf(room) {
  if (room === "src") return "^src/[^/]+$";
  const inner = rooms
    .filter((other) => other.startsWith(`${room}/`))
    .map((other) => `${other.slice(room.length + 1)}/`);
  return `^${escapeRegExp(room)}/${inner.length ? `(?!${inner.map(escapeRegExp).join("|")})` : ""}`;
}

/** @param {string} room */
const doorOf = (room) => `^${escapeRegExp(room)}/index[.]ts$`;

/** What an entry of the table lets in without a door. @param {string} entry */
function filesLetIn(entry) {
  if (entry.endsWith(".ts")) return [`^${escapeRegExp(entry)}$`];
  return entry.endsWith("/*") ? [`^${escapeRegExp(entry.slice(0, -1))}(?!index[.]ts$)[^/]+$`] : [];
}

/** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
const rulesOfTable = Object.entries(importTable).flatMap(([room, allowed]) => {
  const from = { path: filesOf(room), pathNot: tests };
  const letIn = allowed.flatMap(filesLetIn);
  const insideAllowed = allowed.filter((entry) => rooms.includes(entry)).map(filesOf);
  return [
    {
      name: `table:${room}`,
      comment: `${room} may import only: ${allowed.join(", ") || "nothing"}. The table is in dependency-cruiser.config.mjs.`,
      severity: "error",
      from,
      to: {
        path: "^(src|apps|test|bench|examples|scripts|bin)/",
        pathNot: [filesOf(room), ...insideAllowed, ...letIn],
      },
    },
    {
      name: `door:${room}`,
      comment: "A room is entered through its index.ts.",
      severity: "error",
      from,
      to: { path: anyOf(insideAllowed), pathNot: [filesOf(room), ...rooms.map(doorOf), ...letIn] },
    },
  ];
});

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...rulesOfTable,
    {
      name: "room-is-listed",
      comment: "Each file of src/ and apps/ lies in a room of the table.",
      severity: "error",
      from: { path: "^(src|apps)/", pathNot: [...rooms.map(filesOf), tests] },
      to: {},
    },
    {
      name: "no-cycle",
      comment: "Imports never run in a circle, not even for types alone.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-unresolvable",
      comment: "The file or package does not exist.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-unlisted-package",
      comment: "A package that package.json does not list is there by chance.",
      severity: "error",
      from: {},
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "no-orphan",
      comment: "Nothing imports this file and it imports nothing: is it used?",
      severity: "error",
      from: { orphan: true, pathNot: ["[.]config[.]", "[.]d[.]ts$"] },
      to: {},
    },
    {
      name: "no-dev-package-in-product",
      comment: "What is published needs its packages in dependencies.",
      severity: "error",
      from: { path: "^(src|apps|bin|examples)/", pathNot: tests },
      to: { dependencyTypes: ["npm-dev"], pathNot: "node_modules/@types/" },
    },
    {
      name: "no-runtime-outside-platform",
      comment: "Only src/platform (and bench/) knows ONNX Runtime.",
      severity: "error",
      from: { path: "^(src|apps|bin|examples|scripts)/", pathNot: ["^src/platform/", tests] },
      to: { path: "(^|/)(onnxruntime-|koffi)" },
    },
    {
      name: "no-node-in-browser-rooms",
      comment: `${browserRooms.join(", ")} also run in a browser.`,
      severity: "error",
      from: { path: `^(${browserRooms.join("|")})/`, pathNot: tests },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "examples-use-public-names",
      comment: 'An example imports "galatea" and its subpaths, as its reader will.',
      severity: "error",
      from: { path: "^examples/" },
      to: { path: "^(src|apps)/", pathNot: publicDoors.map(doorOf) },
    },
    {
      name: "no-test-in-product",
      comment: "Tests are nobody's library.",
      severity: "error",
      from: { pathNot: tests },
      to: { path: tests },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // The peers of a bench have a package.json and packages of their own.
    exclude: { path: "^(dist|bench/peers)/" },
    tsConfig: { fileName: "tsconfig.json" },
    // Imports of types count.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
