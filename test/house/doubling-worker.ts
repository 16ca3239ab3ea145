import { parentPort } from "node:worker_threads";
import { double } from "./doubling.ts";

parentPort?.on("message", (value: number) => parentPort?.postMessage(double(value)));
