/** Sums of products in Einstein's notation, as reshapes, transposes and one matrix product for each pair. */

import { formatShape, GalateaError, sizeOf } from "../base/index.ts";
import { diagonal } from "./linear-algebra.ts";
import type { Tensor } from "./tensor.ts";

/** An axis: a letter, or for those that an ellipsis stands for `.0`, `.1`, ... counted from the last. */
type Label = string;

/** A tensor whose axes have names, no two equal. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly Label[];
}

/**
 * Sum of products over named axes, as NumPy's and PyTorch's `einsum`.
 *
 * `einsum("bqd,bkd->bqk", q, k)` multiplies q and k and sums over d, the letter that the result lacks. Without an
 * arrow the result has the letters that occur once, in the alphabet's order. An ellipsis stands for any axes, which
 * broadcast; a letter that an operand has twice for its diagonal. Operands are joined from left to right, each
 * pair by one matrix product where both sides keep axes of their own, with a transpose only where the order of
 * axes asks for it.
 *
 * @throws GalateaError `shape` when the equation cannot be read or does not fit the operands.
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  const where = operands.find(({ path }) => path !== "")?.path ?? "";
  const refuse = (what: string, right: string): never => {
    throw new GalateaError("shape", where, `einsum "${equation}": ${what}`, right);
  };
  const [left, right, ...more] = equation.replaceAll(" ", "").split("->");
  const written = left.split(",");
  const isTerm = (term: string): boolean => /^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term);
  if (more.length > 0 || ![...written, right ?? ""].every(isTerm)) {
    refuse("cannot be read", "write letters and at most one ellipsis for each operand, as in ...ij,jk->...ik");
  }
  if (written.length !== operands.length) refuse(`got ${operands.length} operands`, `it has ${written.length} terms`);

  const terms = operands.map((tensor, i) => {
    const named = written[i].replace("...", "").length;
    const hidden = tensor.rank - named;
    if (hidden < 0 || (hidden > 0 && !written[i].includes("..."))) {
      refuse(`${written[i]} for ${formatShape(tensor.shape)}`, "it must have one letter for each axis");
    }
    return { tensor, labels: labelsOf(written[i], hidden) };
  });
  const hidden = Math.max(0, ...terms.map(({ labels }) => labels.filter(isHidden).length));
  const sizes = new Map<Label, number>();
  for (const { tensor, labels } of terms) {
    labels.forEach((label, axis) => {
      const [known, size] = [sizes.get(label) ?? 1, tensor.shape[axis]];
      const broadcasts = isHidden(label) && (known === 1 || size === 1);
      if (sizes.has(label) && known !== size && !broadcasts) {
        const name = isHidden(label) ? "an axis of the ellipsis" : label;
        refuse(`${name} is ${known} and ${size}`, "equal names have equal sizes");
      }
      sizes.set(label, known === 1 ? size : known);
    });
  }
  const output =
    right === undefined ? implicitOutput(terms, hidden) : labelsOf(right, right.includes(".") ? hidden : 0);
  if (new Set(output).size < output.length) refuse("a letter stands twice on the right", "name each axis once");
  const unknown = output.find((label) => !sizes.has(label));
  if (unknown !== undefined) refuse(`${unknown} stands only on the right`, "an operand must have it");

  const simple = terms.map((term) => withoutRepeats(withoutBroadcast(term, sizes)));
  const joined = simple.slice(1).reduce((result, next, i) => {
    const later = new Set([...output, ...simple.slice(i + 2).flatMap(({ labels }) => labels)]);
    return joinPair(result, next, later, i + 2 === simple.length ? output : undefined);
  }, simple[0]);
  return arrange(summedTo(joined, new Set(output)), output).tensor;
}

function isHidden(label: Label): boolean {
  return label.startsWith(".");
}

/** The labels of a term whose ellipsis stands for `hidden` axes. */
function labelsOf(term: string, hidden: number): Label[] {
  const [before, after = ""] = term.split("...");
  const ellipsis = term.includes("...") ? Array.from({ length: hidden }, (_, i) => `.${hidden - 1 - i}`) : [];
  return [...before, ...ellipsis, ...after];
}

function implicitOutput(terms: readonly Labelled[], hidden: number): Label[] {
  const letters = terms.flatMap(({ labels }) => labels).filter((label) => !isHidden(label));
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
  return [...labelsOf("...", hidden), ...once.sort()];
}

/** Drops axes of size 1 that other operands have in full: what is missing broadcasts. */
function withoutBroadcast({ tensor, labels }: Labelled, sizes: ReadonlyMap<Label, number>): Labelled {
  const kept = labels.map((label, axis) => tensor.shape[axis] === sizes.get(label));
  return {
    tensor: tensor.reshape(tensor.shape.filter((_, axis) => kept[axis])),
    labels: labels.filter((_, axis) => kept[axis]),
  };
}

/** Takes the diagonal of axes with one name. */
function withoutRepeats(term: Labelled): Labelled {
  const { tensor, labels } = term;
  const second = labels.findIndex((label, axis) => labels.indexOf(label) < axis);
  if (second < 0) return term;
  const first = labels.indexOf(labels[second]);
  const others = labels.map((_, axis) => axis).filter((axis) => axis !== first && axis !== second);
  return withoutRepeats({
    tensor: diagonal(tensor.transpose([...others, first, second])),
    labels: [...others.map((axis) => labels[axis]), labels[second]],
  });
}

/** Sums over all axes but those of some names. */
function summedTo({ tensor, labels }: Labelled, names: ReadonlySet<Label>): Labelled {
  const axes = labels.flatMap((label, axis) => (names.has(label) ? [] : [axis]));
  if (axes.length === 0) return { tensor, labels };
  return { tensor: tensor.sum(axes), labels: labels.filter((label) => names.has(label)) };
}

function sameOrder(a: readonly Label[], b: readonly Label[]): boolean {
  return a.length === b.length && a.every((label, i) => label === b[i]);
}

/** The same axes in another order. */
function arrange({ tensor, labels }: Labelled, order: readonly Label[]): Labelled {
  if (sameOrder(labels, order)) return { tensor, labels };
  return { tensor: tensor.transpose(order.map((label) => labels.indexOf(label))), labels: order };
}

/** The product of two operands, summed over the names that nothing needs later. */
function joinPair(
  left: Labelled,
  right: Labelled,
  later: ReadonlySet<Label>,
  wanted: readonly Label[] | undefined,
): Labelled {
  const a = summedTo(left, new Set([...later, ...right.labels]));
  const b = summedTo(right, new Set([...later, ...left.labels]));
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const summed = shared.filter((label) => !later.has(label));
  const ownA = a.labels.filter((label) => !shared.includes(label));
  const ownB = b.labels.filter((label) => !shared.includes(label));
  const isDot = ownA.length + ownB.length === 0 && shared.length > summed.length;
  const isScaling = summed.length === 0 && (ownA.length === 0 || ownB.length === 0);
  // Neither side has rows to share: a matrix product would be as many products of a row by a column.
  if (isDot || isScaling) return summedTo(multiply(a, b), later);
  return multiplyMatrices(a, b, summed, wanted);
}

/** Element by element, where the axes of one operand are among those of the other. */
function multiply(a: Labelled, b: Labelled): Labelled {
  const [whole, part] = a.labels.length >= b.labels.length ? [a, b] : [b, a];
  const { tensor } = arrange(
    part,
    whole.labels.filter((label) => part.labels.includes(label)),
  );
  const aligned = whole.labels.map((label, axis) => (part.labels.includes(label) ? whole.tensor.shape[axis] : 1));
  return { tensor: whole.tensor.mul(tensor.reshape(aligned)), labels: whole.labels };
}

/** The order of axes within each group of a matrix product [batch, rows, inner] x [batch, inner, columns]. */
interface Plan {
  readonly batch: readonly Label[];
  readonly rows: readonly Label[];
  readonly inner: readonly Label[];
  readonly columns: readonly Label[];
  /** Whether the operands change places, and with them rows and columns of the result. */
  readonly swapped: boolean;
}

/** As one matrix product, in the order of axes that leaves the fewest elements to transpose. */
function multiplyMatrices(
  a: Labelled,
  b: Labelled,
  inner: readonly Label[],
  wanted: readonly Label[] | undefined,
): Labelled {
  const sizes = new Map([a, b].flatMap((term) => term.labels.map((label, axis) => [label, term.tensor.shape[axis]])));
  const sizeBy = (labels: readonly Label[]): number => sizeOf(labels.map((label) => sizes.get(label) as number));
  const costOf = (plan: Plan): number =>
    (isReady(a, plan.batch, plan.rows, plan.inner) ? 0 : sizeBy(a.labels)) +
    (isReady(b, plan.batch, plan.columns, plan.inner) ? 0 : sizeBy(b.labels)) +
    (wanted === undefined || sameOrder(resultOf(plan), wanted) ? 0 : sizeBy(resultOf(plan)));
  const plan = plansFor(a, b, inner, wanted).reduce((best, next) => (costOf(next) < costOf(best) ? next : best));

  const [first, second] = plan.swapped ? [b, a] : [a, b];
  const [rows, columns] = plan.swapped ? [plan.columns, plan.rows] : [plan.rows, plan.columns];
  const matrixA = asMatrices(first, plan.batch, rows, plan.inner, sizeBy);
  const matrixB = asMatrices(second, plan.batch, columns, plan.inner, sizeBy);
  const flags = { transposeA: matrixA.innerFirst, transposeB: !matrixB.innerFirst };
  const labels = resultOf(plan);
  const shape = labels.map((label) => sizeBy([label]));
  return { tensor: matrixA.tensor.matmul(matrixB.tensor, flags).reshape(shape), labels };
}

/** Each group in the order of either operand, or in that of the result. */
function plansFor(
  a: Labelled,
  b: Labelled,
  inner: readonly Label[],
  wanted: readonly Label[] | undefined,
): readonly Plan[] {
  const ordersOf = (group: readonly Label[], ...terms: (readonly Label[] | undefined)[]): (readonly Label[])[] =>
    terms.flatMap((labels) => (labels ? [labels.filter((label) => group.includes(label))] : []));
  const batch = a.labels.filter((label) => b.labels.includes(label) && !inner.includes(label));
  const rows = a.labels.filter((label) => !b.labels.includes(label));
  const columns = b.labels.filter((label) => !a.labels.includes(label));
  return ordersOf(batch, a.labels, b.labels, wanted).flatMap((batchOrder) =>
    ordersOf(inner, a.labels, b.labels).flatMap((innerOrder) =>
      ordersOf(rows, a.labels, wanted).flatMap((rowOrder) =>
        ordersOf(columns, b.labels, wanted).flatMap((columnOrder) =>
          [false, true].map((swapped) => ({
            batch: batchOrder,
            inner: innerOrder,
            rows: rowOrder,
            columns: columnOrder,
            swapped,
          })),
        ),
      ),
    ),
  );
}

function resultOf({ batch, rows, columns, swapped }: Plan): Label[] {
  return swapped ? [...batch, ...columns, ...rows] : [...batch, ...rows, ...columns];
}

/** Whether an operand is a stack of matrices as it stands, its inner axes last or first. */
function isReady(
  { labels }: Labelled,
  batch: readonly Label[],
  own: readonly Label[],
  inner: readonly Label[],
): boolean {
  return sameOrder(labels, [...batch, ...own, ...inner]) || sameOrder(labels, [...batch, ...inner, ...own]);
}

/** An operand as [...batch, own, inner], or as [...batch, inner, own] where it stands so. */
function asMatrices(
  term: Labelled,
  batch: readonly Label[],
  own: readonly Label[],
  inner: readonly Label[],
  sizeBy: (labels: readonly Label[]) => number,
): { readonly tensor: Tensor; readonly innerFirst: boolean } {
  const ownFirst = [...batch, ...own, ...inner];
  const innerFirst = !sameOrder(term.labels, ownFirst) && isReady(term, batch, own, inner);
  const { tensor } = innerFirst ? term : arrange(term, ownFirst);
  const groups = innerFirst ? [inner, own] : [own, inner];
  return { tensor: tensor.reshape([...batch.map((label) => sizeBy([label])), ...groups.map(sizeBy)]), innerFirst };
}
