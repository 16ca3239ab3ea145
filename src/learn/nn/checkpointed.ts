/** Layers that trade time for memory. */

import { checkpoint, type Tensor, type TensorTree } from "../../core/trace/index.ts";
import { type Context, recordingSubcontext } from "./context.ts";
import { type Layer, type Module, type ParametersOf, toModule } from "./module.ts";

/**
 * The same layer, of which a training step keeps the input only: what it computes on the way is computed again for its
 * gradients. A deep network of such blocks takes the memory of one block and of the tensors between, and about a third
 * more time.
 *
 * Shapes: those of the layer.
 *
 * Source: Chen et al., "Training deep nets with sublinear memory cost" (2016).
 *
 * @example
 * const network = sequential(checkpointed(block), checkpointed(block), linear({ inputs: 256, outputs: 10 }));
 */
export function checkpointed<L extends Layer>(layer: L): Module<ParametersOf<L>> {
  const module = toModule(layer);
  return {
    init: (key) => module.init(key) as ParametersOf<L>,
    apply: (parameters, x, context) => {
      /** Leaves whose next values are computed inside, and leave it as results. */
      const registered: Tensor[] = [];
      const compute = (inside: Tensor): { readonly y: Tensor; readonly next: readonly Tensor[] } => {
        const inner = recordingSubcontext(context);
        const y = module.apply(parameters as TensorTree, inside, inner);
        registered.push(...inner.updates.keys());
        return { y, next: [...inner.updates.values()] };
      };
      const { y, next } = checkpoint<Tensor, ReturnType<typeof compute>>(compute, x);
      registerAll(context, registered, next);
      return y;
    },
  };
}

function registerAll(context: Context, leaves: readonly Tensor[], next: readonly Tensor[]): void {
  leaves.forEach((leaf, i) => {
    context.update(leaf, next[i]);
  });
}
