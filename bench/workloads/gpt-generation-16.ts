/** Our side of the workload `gpt-generation-16`. */

import { generation } from "./gpt-generation.ts";

export const program = generation("gpt-generation-16");
