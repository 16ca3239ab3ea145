/** What a loop's steps compute for its results only is computed from stacks, after the loop: a sum of products over
 * the steps is one product, and so is a stack of products with what is the same in every step. */

import { sizeOf } from "../../base/index.ts";
import {
  dependents,
  emitValue,
  type Graph,
  isElementwise,
  isOp,
  type Node,
  nodesInOrder,
  rewriteGraph,
  type Value,
} from "../../graph/index.ts";
import { batchNode, type Operand } from "./batch-node.ts";
import { type Carry, type Later, type Loop, readLoop, resultsOf, type StackOf, writeLoop } from "./loop.ts";
import { summedProduct } from "./summed-product.ts";
import { usesOf } from "./uses.ts";

/** A value to compute after the loop. */
interface Plan {
  /** The values inside that it needs the stacks of. */
  readonly stacks: readonly Value[];
  readonly build: Later;
}

/** An operand after the loop. */
interface OperandPlan {
  readonly stacks: readonly Value[];
  readonly build: (stackOf: StackOf) => Operand;
}

/** Stacking an operand may take so many times the memory of the result that the steps need not compute then. */
const largestStack = 4;

class Sinking {
  readonly loop: Loop;
  private readonly uses: ReadonlyMap<Value, number>;
  private readonly varying: ReadonlySet<Node>;

  constructor(loop: Loop) {
    this.loop = loop;
    const results = resultsOf(loop);
    const inputs = [...loop.carries, ...loop.scanned, ...loop.invariants].map(({ input }) => input);
    this.uses = usesOf(results);
    this.varying = dependents(nodesInOrder(results), inputs);
  }

  /** A carry that only adds up terms: the sum of all of them. */
  sumOf({ first, input, next }: Carry): Plan | undefined {
    const terms = this.terms(next);
    const others = terms.filter((term) => term !== input);
    if (terms.length < 2 || others.length !== terms.length - 1 || this.uses.get(input) !== 1) return undefined;
    const plans = others.map((term) => this.sum(term));
    if (!plans.every((plan) => plan !== undefined)) return undefined;
    return {
      stacks: plans.flatMap(({ stacks }) => stacks),
      build: (stackOf) => plans.reduce((total, { build }) => add(total, build(stackOf)), first),
    };
  }

  /** What is added up to a value, where nothing else reads the sums on the way. */
  private terms(value: Value): Value[] {
    const { node, dtype } = value;
    if (node.op !== "add" || dtype !== "float32" || this.uses.get(value) !== 1) return [value];
    if (node.inputs.some(({ shape }) => sizeOf(shape) !== sizeOf(value.shape))) return [value];
    return node.inputs.flatMap((input) => this.terms(input));
  }

  /** A value where it is known outside of the loop, or stacked anyway. */
  private known(value: Value): OperandPlan | undefined {
    const { loop, varying } = this;
    const slice = loop.scanned.find(({ input }) => input === value);
    const invariant = loop.invariants.find(({ input }) => input === value);
    const constant = !varying.has(value.node) && value.node.op !== "input" ? value : undefined;
    const outside = slice?.outside ?? invariant?.outside ?? constant;
    if (outside) return { stacks: [], build: () => ({ value: outside, stacked: slice !== undefined }) };
    return loop.stacks.some(({ result }) => result === value) ? this.stack(value) : undefined;
  }

  private stack(value: Value): OperandPlan {
    return { stacks: [value], build: (stackOf) => ({ value: stackOf(value), stacked: true }) };
  }

  /** The sum of a value over the steps. */
  private sum(value: Value): Plan | undefined {
    const { node } = value;
    if (isOp(node, "matmul")) return this.sumOfProducts(node);
    if (isOp(node, "reshape") || isOp(node, "transpose") || isOp(node, "neg")) {
      const inner = this.sum(node.inputs[0]);
      const build: Later = (stackOf) =>
        emitValue(node.op, [(inner as Plan).build(stackOf)], node.attrs as never, node.path);
      return inner && { stacks: inner.stacks, build };
    }
    const reduced = isOp(node, "reduceSum") ? node : undefined;
    const operand = this.known(reduced ? reduced.inputs[0] : value);
    if (!operand) return undefined;
    const axes = [0, ...(reduced?.attrs.axes ?? []).map((axis) => axis + 1)];
    return {
      stacks: operand.stacks,
      build: (stackOf) => {
        const { value: all, stacked } = operand.build(stackOf);
        const shape = [this.loop.length, ...all.shape];
        const stack = stacked ? all : emitValue("expand", [all], { shape });
        const total = emitValue("reduceSum", [stack], { axes, keepDims: false }, node.path);
        return emitValue("reshape", [total], { shape: value.shape });
      },
    };
  }

  /** sum over t of A_t B_t, both of two axes: one product over the axis of the steps and the one between them. */
  private sumOfProducts({ attrs, inputs, path }: Node<"matmul">): Plan | undefined {
    const isInvariant = (value: Value): boolean => this.loop.invariants.some(({ input }) => input === value);
    const isStep = (value: Value): boolean =>
      value.shape.length === 2 && !isInvariant(value) && (this.varying.has(value.node) || value.node.op === "input");
    if (!inputs.every(isStep)) return undefined;
    const [a, b] = inputs.map((input) => this.known(input) ?? this.stack(input));
    return {
      stacks: [...a.stacks, ...b.stacks],
      build: (stackOf) => summedProduct(a.build(stackOf).value, b.build(stackOf).value, attrs, path),
    };
  }

  /** A product with an invariant, and what follows it element by element, where nothing else reads them. */
  product(value: Value): Plan | undefined {
    const { node } = value;
    if (this.uses.get(value) !== 1 || node.op === "input") return undefined;
    if (isOp(node, "matmul")) return this.productOf(node);
    if (!isElementwise(node.op) && node.op !== "reshape") return undefined;
    const operands = node.inputs.map((input) => this.known(input));
    const unknown = node.inputs.filter((_, i) => operands[i] === undefined);
    const inner = unknown.length === 1 ? this.product(unknown[0]) : undefined;
    if (!inner) return undefined;
    const rest = operands.filter((operand) => operand !== undefined);
    return {
      stacks: [...inner.stacks, ...rest.flatMap(({ stacks }) => stacks)],
      build: (stackOf) => {
        const all = operands.map(
          (operand) => operand?.build(stackOf) ?? { value: inner.build(stackOf), stacked: true },
        );
        return batchNode(node, all, this.loop.length) as Value;
      },
    };
  }

  private productOf(node: Node<"matmul">): Plan | undefined {
    const invariants = node.inputs.filter((input) => this.loop.invariants.some((one) => one.input === input));
    const [output] = node.outputs;
    const steps = node.inputs.filter((input) => !invariants.includes(input));
    if (invariants.length !== 1 || steps.length !== 1) return undefined;
    if (!this.known(steps[0]) && sizeOf(steps[0].shape) > largestStack * sizeOf(output.shape)) return undefined;
    const operands = node.inputs.map((input) => this.known(input) ?? this.stack(input));
    return {
      stacks: operands.flatMap(({ stacks }) => stacks),
      build: (stackOf) => {
        const all = operands.map((operand) => operand.build(stackOf));
        return batchNode(node, all, this.loop.length) as Value;
      },
    };
  }
}

function add(a: Value, b: Value): Value {
  return emitValue("add", [a, b], {});
}

/** Moves what it can behind the loop; `undefined` where that is nothing. */
function sink(loop: Loop, outputs: readonly Value[]): Value[] | undefined {
  const sinking = new Sinking(loop);
  const later = new Map<number, Later>();
  const needed = new Set<Value>();
  const plan = (found: Plan | undefined, numbers: readonly number[]): boolean => {
    for (const value of found?.stacks ?? []) needed.add(value);
    if (found) for (const output of numbers) later.set(output, found.build);
    return found !== undefined;
  };
  const carries = loop.carries.filter((carry) => {
    return carry.output === undefined || !plan(sinking.sumOf(carry), [carry.output]);
  });
  const stacks = loop.stacks.filter(({ result, outputs: numbers }) => !plan(sinking.product(result), numbers));
  if (later.size === 0) return undefined;
  const added = [...needed].filter((value) => !stacks.some(({ result }) => result === value));
  const all = [...stacks, ...added.map((result) => ({ result, outputs: [] }))];
  return writeLoop({ ...loop, carries, stacks: all }, outputs, later);
}

/** Moves what it can behind every loop of a graph, once. */
export function sinkSteps(graph: Graph): Graph {
  return rewriteGraph(graph, (node, inputs) => {
    if (!isOp(node, "scan") || node.attrs.length === 0) return undefined;
    return sink(
      readLoop(node, inputs, () => true),
      node.outputs,
    );
  });
}
