/** What every backend must do beside computing right: buffers, order, disposal, refusals. */

import { afterAll, describe, expect, test } from "vitest";
import {
  apply,
  type DType,
  dtypes,
  type HostArray,
  hostArrayFrom,
  range,
  type TensorType,
  trace,
} from "../../src/core/index.ts";
import type { Backend, HostTensor, Program } from "../../src/engine/index.ts";

export const four = { dtype: "float32", shape: [4] } as const;

export function host(
  dtype: DType,
  numbers: readonly number[],
  shape: readonly number[] = [numbers.length],
): HostTensor {
  return { dtype, shape, data: hostArrayFrom(dtype, numbers) };
}

/** x -> 2 x + 1 */
export function doubling(on: Backend, type: TensorType = four): Promise<Program> {
  return on.compile(trace({ x: type }, ({ x }) => x.mul(2).add(1)).graph, "doubling");
}

export const numbersOf = (data: HostArray): number[] => Array.from(data as ArrayLike<number | bigint>, Number);

export async function refused(run: Promise<unknown>, message: string): Promise<void> {
  await expect(run).rejects.toMatchObject({ name: "GalateaError", code: "backend", message });
}

export async function bufferOf(on: Backend, tensor: HostTensor): Promise<Awaited<ReturnType<Backend["allocate"]>>> {
  const buffer = await on.allocate(tensor);
  await on.write(buffer, tensor.data);
  return buffer;
}

/** Warm allocators and the collector's slack; a leak of the fed 256 KB alone would be 128 MB in 500 steps. */
const growthBoundMb = 48;

/** How much a backend is given to do. */
export interface Load {
  /** Steps that are watched for growing memory. */
  readonly steps: number;
  /** The element types that it can carry; all where absent. */
  readonly carries?: readonly DType[];
  /** Side of the matrices of which 24 products take some tenths of a second. */
  readonly side: number;
}

/**
 * Registers the tests that all backends have in common.
 * @param create makes a backend; called again for some tests
 */
export function keepsContract(name: string, create: () => Promise<Backend>, load: Load): void {
  describe(`${name} keeps the contract`, async () => {
    const backend = await create();
    afterAll(() => backend.dispose());
    describe("numbers", () => testNumbers(backend, load.carries ?? dtypes));
    describe("runs", () => testRuns(backend, create, load));
    describe("refusals", () => testRefusals(backend));
    describe("dispose", () => testDispose(backend, create));
  });
}

function testNumbers(backend: Backend, carries: readonly DType[]): void {
  test.each(carries)("of %s go in and out, from the host and in buffers", async (dtype) => {
    const type = { dtype, shape: [2, 3] } as const;
    const { graph } = trace({ x: type }, ({ x }) => ({ turned: x.transpose([1, 0]), same: x }));
    const program = await backend.compile(graph, dtype);
    const given = host(dtype, [1, 0, 1, 1, 0, 0], [2, 3]);
    const turned = [1, 1, 0, 0, 1, 0];
    const results = await program.run([given]);
    expect(results.map(({ dtype: type, shape }) => ({ type, shape }))).toEqual([
      { type: dtype, shape: [3, 2] },
      { type: dtype, shape: [2, 3] },
    ]);
    expect(results.map(({ data }) => data)).toEqual([hostArrayFrom(dtype, turned), given.data]);
    expect(results[0].data.constructor).toBe(given.data.constructor);

    const [x, out] = [await bufferOf(backend, given), await backend.allocate({ dtype, shape: [3, 2] })];
    expect(await program.run([x], [out, undefined])).toHaveLength(1);
    expect(await backend.read(out)).toEqual(hostArrayFrom(dtype, turned));
  });

  test("without any element", async () => {
    const empty = { dtype: "float32", shape: [0, 3] } as const;
    const program = await backend.compile(trace({ x: empty }, ({ x }) => x.add(1)).graph, "empty");
    const x = await backend.allocate(empty);
    const [fromHost] = await program.run([host("float32", [], [0, 3])]);
    expect(fromHost).toEqual({ ...empty, data: new Float32Array(0) });
    expect(await program.run([x], [await backend.allocate(empty)])).toEqual([]);
    await backend.write(x, new Float32Array(0));
    expect(await backend.read(x)).toEqual(new Float32Array(0));
  });

  test("of a big result, without inputs", async () => {
    const size = 1_500_000;
    const { graph } = trace({}, () => range(size, "float32"));
    const [{ data }] = await (await backend.compile(graph, "big")).run([]);
    expect([data.length, data[0], data[size - 1]]).toEqual([size, 0, size - 1]);
  });

  test("of a new buffer are zero, also where another one was", async () => {
    const type = { dtype: "float32", shape: [1024] } as const;
    const program = await doubling(backend, type);
    const used = await Promise.all(Array.from({ length: 8 }, () => backend.allocate(type)));
    for (const buffer of used) await backend.write(buffer, new Float32Array(1024).fill(3));
    for (const buffer of used) await program.run([buffer]);
    for (const buffer of used) await buffer.dispose();
    await program.run([{ ...type, data: new Float32Array(1024) }]);
    for (let i = 0; i < 16; i++) {
      const fresh = await backend.read(await backend.allocate(type));
      expect(numbersOf(fresh).every((number) => number === 0)).toBe(true);
    }
  });

  test("are the caller's own: neither what it passes nor what it gets is shared", async () => {
    const program = await doubling(backend);
    const x = host("float32", [1, 2, 3, 4]);
    const first = program.run([x]);
    x.data.fill(0 as never);
    const buffer = await backend.allocate(four);
    const numbers = Float32Array.of(5, 6, 7, 8);
    const second = program.run([host("float32", [0, 0, 0, 0])], [buffer]);
    const written = backend.write(buffer, numbers);
    numbers.fill(0);
    await Promise.all([second, written]);
    const [{ data }] = await first;
    expect(numbersOf(data)).toEqual([3, 5, 7, 9]);
    const read = await backend.read(buffer);
    expect(numbersOf(read)).toEqual([5, 6, 7, 8]);
    read.fill(0 as never);
    expect(numbersOf(await backend.read(buffer))).toEqual([5, 6, 7, 8]);
    await program.run([host("float32", [9, 9, 9, 9])]);
    expect(numbersOf(data)).toEqual([3, 5, 7, 9]);
  });
}

function testRuns(backend: Backend, create: () => Promise<Backend>, { steps, side }: Load): void {
  test("queue up in order, with writes and reads between them", async () => {
    const program = await doubling(backend);
    const [a, b] = [await bufferOf(backend, host("float32", [0, 1, 2, 3])), await backend.allocate(four)];
    // Nothing is awaited before all are asked for.
    const done = [program.run([a], [b]), program.run([b], [a])];
    const early = backend.read(a); // 4 x + 3
    done.push(program.run([a], [b]), program.run([b], [a]));
    const late = backend.read(a); // 16 x + 15
    const rewritten = backend.write(a, Float32Array.of(0, 0, 0, 1));
    done.push(program.run([a], [b]));
    const last = program.run([b]);
    expect(numbersOf(await early)).toEqual([3, 7, 11, 15]);
    expect(numbersOf(await late)).toEqual([15, 31, 47, 63]);
    await Promise.all([...done, rewritten]);
    expect(numbersOf((await last)[0].data)).toEqual([3, 3, 3, 7]);
  });

  test("give the same bytes twice", async () => {
    const size = 256;
    const rows = { dtype: "int32", shape: [size] } as const;
    const type = { dtype: "float32", shape: [size, size] } as const;
    const { graph } = trace({ x: type, w: type, rows }, (given) => {
      const y = given.x.matmul(given.w).tanh();
      return { y, loss: y.square().mean(), sums: apply("scatterAdd", [y, given.rows], { axis: 0, size: 300 }) };
    });
    const program = await backend.compile(graph, "twice");
    const numbers = (scale: number) => Float32Array.from({ length: size * size }, (_, i) => Math.sin(i * scale));
    const operands = [0.37, 1.91].map((scale): HostTensor => ({ ...type, data: numbers(scale) }));
    // Few different rows, so that many sums go to one place.
    const given = [...operands, { ...rows, data: Int32Array.from({ length: size }, (_, i) => (i * i) % 7) }];
    const first = await program.run(given);
    for (let run = 0; run < 4; run++) expect(await program.run(given)).toEqual(first);
    expect(new Set(first[0].data as Float32Array).size).toBeGreaterThan(1000);
  });

  test(`of ${steps} steps of a state do not grow memory`, async () => {
    const type = { dtype: "float32", shape: [256, 256] } as const;
    const { graph } = trace({ state: type, feed: type }, ({ state, feed }) => {
      const next = state.mul(0.5).add(feed);
      return { next, total: next.sum() };
    });
    const program = await backend.compile(graph, "step");
    let [front, back] = [await backend.allocate(type), await backend.allocate(type)];
    const feed: HostTensor = { ...type, data: new Float32Array(256 * 256).fill(1) };
    const step = async (): Promise<number> => {
      const results = program.run([front, feed], [back, undefined]);
      [front, back] = [back, front];
      return Number((await results)[0].data[0]);
    };
    for (let i = 0; i < 200; i++) await step();
    const before = process.memoryUsage.rss();
    let total = 0;
    for (let i = 0; i < steps; i++) total = await step();
    expect((process.memoryUsage.rss() - before) / 1e6).toBeLessThan(growthBoundMb);
    expect(total).toBe(2 * 256 * 256);
  });

  test("leave the main thread free", async () => {
    const type = { dtype: "float32", shape: [side, side] } as const;
    const { graph } = trace({ x: type }, ({ x }) => {
      let y = x;
      for (let i = 0; i < 24; i++) y = y.matmul(x).tanh();
      return y.sum();
    });
    const program = await backend.compile(graph, "long");
    const x = await backend.allocate(type);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const started = performance.now();
    await program.run([x]);
    clearInterval(timer);
    const elapsedMs = performance.now() - started;
    // A blocked main thread ticks once at most.
    expect(elapsedMs).toBeGreaterThan(40);
    expect(ticks).toBeGreaterThan(3);
  });

  test("on two backends at once", async () => {
    const other = await create();
    const programs = [await doubling(backend), await doubling(other)];
    const results = await Promise.all(
      Array.from({ length: 60 }, (_, x) => programs[x % 2].run([host("float32", [x, x, x, x])])),
    );
    expect(results.map(([{ data }]) => data[0])).toEqual(results.map((_, x) => 2 * x + 1));
    const foreign = await other.allocate(four);
    await expect(programs[0].run([foreign])).rejects.toThrow("the buffer was disposed or is of another backend");
    await other.dispose();
    expect(await programs[0].run([host("float32", [0, 0, 0, 0])])).toHaveLength(1);
  });
}

function testRefusals(backend: Backend): void {
  test("name the program, the operand and what it must be", async () => {
    const program = await doubling(backend);
    const x = host("float32", [1, 2, 3, 4]);
    const [buffer, scalar] = [await backend.allocate(four), await backend.allocate({ dtype: "float32", shape: [] })];
    await refused(program.run([]), "doubling: got 0 operands; it takes 1");
    await refused(program.run([host("int32", [1, 2, 3, 4])]), "doubling: operand 0 is int32[4]; it must be float32[4]");
    await refused(program.run([host("float32", [1])]), "doubling: operand 0 is float32[1]; it must be float32[4]");
    const short: HostTensor = { ...four, data: new Float32Array(3) };
    await refused(
      program.run([short]),
      "doubling: operand 0 has 3 numbers in Float32Array; float32[4] needs 4 in Float32Array",
    );
    const wrong: HostTensor = { ...four, data: new Int32Array(4) };
    await refused(
      program.run([wrong]),
      "doubling: operand 0 has 4 numbers in Int32Array; float32[4] needs 4 in Float32Array",
    );
    await refused(program.run([x], []), "doubling: got 0 output buffers; it gives 1");
    await refused(program.run([x], [scalar]), "doubling, output 0: operand 0 is float32[]; it must be float32[4]");
    const right = "it must be no other output of the run, and no input that the output does not overwrite";
    const powers = await backend.compile(trace({ x: four }, ({ x }) => [x.exp(), x.mul(2)]).graph, "powers");
    await refused(powers.run([buffer], [buffer, undefined]), `powers: the buffer of output 0 is used twice; ${right}`);
    await refused(powers.run([buffer], [undefined, buffer]), `powers: the buffer of output 1 is used twice; ${right}`);
    await refused(powers.run([x], [buffer, buffer]), `powers: the buffer of output 1 is used twice; ${right}`);
    await refused(
      backend.write(buffer, new Float32Array(5)),
      "write: the array has 5 numbers in Float32Array; float32[4] needs 4 in Float32Array",
    );
    expect(await program.run([x])).toHaveLength(1);
  });

  test("of memory that the machine does not have", async () => {
    const type = { dtype: "float32", shape: [2 ** 45] } as const;
    await expect(backend.allocate(type)).rejects.toThrow(`memory: ${2 ** 47} bytes: `);
    expect(await (await doubling(backend)).run([host("float32", [1, 2, 3, 4])])).toHaveLength(1);
  });

  test("of what was disposed", async () => {
    const program = await doubling(backend);
    const buffer = await backend.allocate(four);
    await Promise.all([buffer.dispose(), buffer.dispose()]);
    const gone = "the buffer was disposed or is of another backend";
    await refused(program.run([buffer]), `doubling: ${gone}`);
    await refused(program.run([host("float32", [1, 2, 3, 4])], [buffer]), `doubling: ${gone}`);
    await refused(backend.read(buffer), `read: ${gone}`);
    await refused(backend.write(buffer, new Float32Array(4)), `write: ${gone}`);
    await Promise.all([program.dispose(), program.dispose()]);
    await refused(program.run([host("float32", [1, 2, 3, 4])]), "doubling: the program was disposed");
  });
}

function testDispose(backend: Backend, create: () => Promise<Backend>): void {
  test("lets runs that were asked for end, also those behind a read, and refuses all that follow", async () => {
    const own = await create();
    const program = await doubling(own);
    const [a, b] = [await bufferOf(own, host("float32", [1, 1, 1, 1])), await own.allocate(four)];
    const first = program.run([a], [b]);
    const read = own.read(b);
    const second = program.run([b]);
    const disposed = Promise.all([own.dispose(), own.dispose()]);
    expect(numbersOf(await read)).toEqual([3, 3, 3, 3]);
    expect(numbersOf((await second)[0].data)).toEqual([7, 7, 7, 7]);
    await Promise.all([first, disposed]);
    const gone = "the backend was disposed";
    await expect(program.run([a])).rejects.toThrow("doubling: the program was disposed");
    await expect(own.allocate(four)).rejects.toThrow(gone);
    await expect(own.read(a)).rejects.toThrow(gone);
    await expect(doubling(own)).rejects.toThrow(gone);
    await a.dispose();
    await program.dispose();
  });

  test("of buffers and programs waits for the runs that use them", async () => {
    const program = await doubling(backend);
    const [a, b] = [await bufferOf(backend, host("float32", [1, 2, 3, 4])), await backend.allocate(four)];
    const runs = [program.run([a], [b]), program.run([b])];
    await Promise.all([a.dispose(), b.dispose(), program.dispose()]);
    const [, [{ data }]] = await Promise.all(runs);
    expect(numbersOf(data)).toEqual([7, 11, 15, 19]);
  });
}
