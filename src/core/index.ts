/** What a computation is: pure, synchronous, no I/O. */

export * from "./autodiff/index.ts";
export * from "./base/index.ts";
export * from "./graph/index.ts";
export * from "./trace/index.ts";
