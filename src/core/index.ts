/** What a computation is: pure, synchronous, no I/O. The sum of its rooms' doors.
 *
 * Two names stand both for a host function (base) and for a traced one (trace): here they mean the
 * traced ones. */

export * from "./autodiff/index.ts";
export * from "./base/index.ts";
export * from "./compile/index.ts";
export * from "./graph/index.ts";
export * from "./trace/index.ts";
export { foldKey, randomUniform } from "./trace/index.ts";
