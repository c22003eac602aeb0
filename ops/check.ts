import { run } from "../lib/process";
import { interruption } from "./interrupt";
import { report } from "./progress";

export async function check(): Promise<number> {
  void run;
  void interruption;
  void report;
  return 0;
}
