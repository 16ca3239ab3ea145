/** Layers one after the other. */

import { leavesOf } from "../../core/base/index.ts";
import { foldKey, type Tensor, type TensorTree } from "../../core/trace/index.ts";
import { subcontext } from "./context.ts";
import { type Layer, type Module, type ParametersOf, toModule } from "./module.ts";

/** Keeps the name of a layer that has parameters. */
type NameIfParameterized<Name, L> = keyof ParametersOf<L> extends never ? never : Name;

/**
 * The parameter tree of layers in a row: of a tuple keyed by position ("0", "2"), of a record by name,
 * layers without parameters left out; of a list of unknown length any position.
 */
export type SequentialParameters<Layers> = Layers extends readonly unknown[]
  ? number extends Layers["length"]
    ? Readonly<Record<string, ParametersOf<Layers[number]>>>
    : {
        readonly [K in keyof Layers as K extends `${number}` ? NameIfParameterized<K, Layers[K]> : never]: ParametersOf<
          Layers[K]
        >;
      }
  : { readonly [K in keyof Layers as NameIfParameterized<K, Layers[K]>]: ParametersOf<Layers[K]> };

/**
 * Layers one after the other: y = layer_n(... layer_1(layer_0(x))).
 *
 * Parameters are keyed as in PyTorch's `nn.Sequential`: by position, or by name when given a record;
 * layers without parameters keep their position but do not appear. A plain function of a tensor is a layer.
 * Layer i draws from stream i of the key, in `init` as in `apply`. A record's names must not look like
 * integers, which JavaScript would put first.
 *
 * Shapes: each layer's output is the next one's input.
 */
export function sequential<const Layers extends readonly Layer[]>(
  ...layers: Layers
): Module<SequentialParameters<Layers>>;
export function sequential<const Layers extends Readonly<Record<string, Layer>>>(
  layers: Layers,
): Module<SequentialParameters<Layers>>;
export function sequential(...layers: readonly (Layer | Readonly<Record<string, Layer>>)[]): Module {
  const [first] = layers;
  const named = layers.length === 1 && !isLayer(first) ? first : (layers as readonly Layer[]);
  const steps = Object.entries(named).map(([name, layer]) => ({ name, module: toModule(layer) }));
  return {
    init: (key) => {
      const parameters = steps.map(({ name, module }, i) => [name, module.init(foldKey(key, i))] as const);
      return Object.fromEntries(parameters.filter(([, tree]) => leavesOf<Tensor>(tree).length > 0));
    },
    apply: (parameters, x, context) => {
      const trees = parameters as Readonly<Record<string, TensorTree>>;
      return steps.reduce((y, { name, module }, i) => module.apply(trees[name] ?? {}, y, subcontext(context, i)), x);
    },
  };
}

function isLayer(value: Layer | Readonly<Record<string, Layer>>): value is Layer {
  return typeof value === "function" || ("init" in value && "apply" in value);
}
