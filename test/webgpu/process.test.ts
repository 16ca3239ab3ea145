/** How a process with the WebGPU backend ends. */

import { endsWell, scriptsWith } from "../conformance/process.ts";

endsWell(scriptsWith("await createWebgpuBackend()", 96));
