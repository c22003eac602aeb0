import type { Live } from "../../platform/live.js";
import type { Finding } from "../compare.js";
import type { Problem } from "../problem.js";

/** What `verify --json` prints. */
export interface VerifyJson {
  /** True where the exit code is 0: every service stands as declared, no value is refused, every state is whole. */
  readonly healthy: boolean;
  /** How many instances the catalog declares. */
  readonly declared: number;
  /** How many of these pass. */
  readonly passing: number;
  /** Each declared instance in the catalog's order, then what nobody declared (`team` is "", `standing` is `extra`). */
  readonly services: readonly Finding[];
  /** KV values that the registrar refused. */
  readonly refused: readonly { readonly key: string; readonly reason: string }[];
  /** What is wrong with Terraform's states. */
  readonly troubles: readonly Problem[];
}

/** Declared against live, for programs. Pure. */
export function verifyJson({ findings, refusals }: Live, isGood: boolean, problems: readonly Problem[]): VerifyJson {
  const declared = findings.filter(({ standing }) => standing !== "extra");
  return {
    healthy: isGood && problems.length === 0,
    declared: declared.length,
    passing: declared.filter(({ standing }) => standing === "passing").length,
    services: findings.map(({ name, team, standing, why }) => ({ name, team, standing, why })),
    refused: refusals.map(({ key, reason }) => ({ key, reason })),
    troubles: problems,
  };
}
