export type Status = "passing" | "warning" | "critical" | "absent";

interface Check {
  readonly Node: string;
  readonly ServiceName: string;
  readonly Status: Status;
}

/**
 * The status of each service as `?passing` counts it: the worst of its own checks and its node's.
 * @param body of an answer to `/v1/health/state/any`
 */
export function statuses(body: string): ReadonlyMap<string, Status> {
  const checks = JSON.parse(body) as Check[];
  const rank: readonly Status[] = ["passing", "warning", "critical"];
  const worse = (one: Status, other: Status) => (rank.indexOf(one) > rank.indexOf(other) ? one : other);
  const nodes = new Map<string, Status>();
  for (const { Node, ServiceName, Status } of checks)
    if (ServiceName === "") nodes.set(Node, worse(Status, nodes.get(Node) ?? "passing"));
  const services = new Map<string, Status>();
  for (const { Node, ServiceName, Status } of checks)
    if (ServiceName !== "")
      services.set(
        ServiceName,
        worse(worse(Status, nodes.get(Node) ?? "passing"), services.get(ServiceName) ?? "passing"),
      );
  return services;
}
