/** Our side of a workload as a process: `contender.ts <workload> --threads N`. */

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type FamilyProgram, familyContender } from "./family-contender.ts";
import { type ContenderProgram, serveContender } from "./serve-contender.ts";

const { values, positionals } = parseArgs({ options: { threads: { type: "string" } }, allowPositionals: true });
const { program } = (await import(`./workloads/${positionals[0]}.ts`)) as {
  readonly program: FamilyProgram | ContenderProgram<unknown>;
};
const contender = "family" in program ? familyContender(program) : program;
await serveContender(contender as ContenderProgram<unknown>, Number(values.threads ?? availableParallelism()));
