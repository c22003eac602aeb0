import type { Settings } from "../../lib/settings.js";
import { fewLines } from "../cli/few.js";
import { uiPath } from "../platform/gateway-ports.js";
import type { Problem } from "./problem.js";
import { renderProblems } from "./status/render.js";

/** What an `up` came to. */
export interface Outcome {
  /** Stacks in which something changed, and all of them. */
  readonly changed: number;
  readonly stacks: number;
  /** What was repaired beside Terraform, a line each. */
  readonly repairs: readonly string[];
  /** What is wrong all the same. */
  readonly wrong: readonly Problem[];
  readonly seconds: number;
}

/** What `up` prints at its end: where to look, what was done, what is wrong. Pure. */
export function renderUp(
  settings: Pick<Settings, "httpPort" | "httpsPort" | "datacenter" | "coexist" | "monitoring" | "receivers">,
  { changed, stacks, repairs, wrong, seconds }: Outcome,
): string {
  const { httpPort, httpsPort, coexist } = settings;
  const changes = changed === 0 ? "no stack changed" : `${changed} of ${stacks} stacks changed`;
  const all = [...(repairs.length === 0 ? [] : [`${repairs.length} repaired`]), changes].join(", ");
  const nothing = repairs.length === 0 && changed === 0 && wrong.length === 0;
  const repaired = fewLines(repairs, "see above");
  return [
    ...(wrong.length === 0 ? [] : [`${renderProblems(wrong)}\n`]),
    `UI       http://localhost:${httpPort}${uiPath(settings)}`,
    `API      http://localhost:${httpPort}/v1/  and  https://localhost:${httpsPort}/v1/`,
    "Token    npx rollcall token operator",
    ...(coexist ? ["Coexist  on: `npx rollcall catalog audit` names what registers itself"] : []),
    ...alerting(settings),
    ...repaired.map((line) => `Repaired ${line}`),
    `${nothing ? "Nothing changed" : all.replace(/^n/, "N")}, in ${seconds} s.`,
  ].join("\n");
}

/** Who is told of what fails, as long as it is nobody. */
function alerting({ monitoring, receivers }: Pick<Settings, "monitoring" | "receivers">): readonly string[] {
  if (!monitoring) return ["Alerts   Rollcall tells nobody: `monitoring: on` brings Prometheus and Alertmanager"];
  return receivers === undefined ? ["Alerts   the monitor alone is told: alerts.receivers names others"] : [];
}
