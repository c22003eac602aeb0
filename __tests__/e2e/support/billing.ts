import { apiJson, docker, nameOf, until } from "./platform.js";

/** The service that tests stop and start, and its stand-in's container. */
export const BILLING = "billing_service";
export const BILLING_HOST = "isa-billing";

/** Its check: every 10 s, with a time-out of 5 s. */
export const CHECKED_WITHIN = 15;

/** Waits for a status of its check in the catalog, "absent" where there is none. */
export function untilBilling(status: string, what: string, aimSeconds: number): Promise<boolean> {
  return until(`${what}: ${status}`, aimSeconds, async () => {
    const checks = await apiJson<{ Status: string }[]>(`/v1/health/checks/${BILLING}`);
    return (checks[0]?.Status ?? "absent") === status;
  });
}

export async function untilAgentIsBack(aimSeconds: number): Promise<void> {
  const ask = () => docker("exec", nameOf("consul-agent-shared"), "consul", "catalog", "datacenters");
  await until("the agent answers again", aimSeconds, async () => (await ask()).trim() !== "");
}
