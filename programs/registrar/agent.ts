import * as z from "zod";
import { type Answer, Consul, type ConsulProps, Refused, Unreachable } from "./consul.js";
import type { Entry } from "./judge.js";

export interface AgentProps extends ConsulProps {
  /** The agent's name as a node. */
  readonly node: string;
  readonly prefix: string;
  /** Reads the catalog and the checks, deregisters what was removed. */
  readonly registrarTokenFile: string;
  /** May register the declared services and nothing else. */
  readonly registrationTokenFile: string;
}

/** A check of a service, as the agent knows it. */
export interface SeenCheck {
  readonly id: string;
  readonly service: string;
  readonly status: string;
  /** Whether it was made, with whatever outcome. */
  readonly wasMade: boolean;
}

/** A change is seen at once; what changes no index, such as a right that was taken away, within this time. */
const WAIT_SECONDS = 20;

const entriesSchema = z.array(z.object({ Key: z.string(), Value: z.nullable(z.string()) }));
const checksSchema = z.record(
  z.string(),
  z.object({ CheckID: z.string(), ServiceID: z.string(), Status: z.string(), Output: z.string() }),
);
const servicesSchema = z.record(z.string(), z.unknown());

/** The shared agent: what it says of Consul KV and of itself, and what it is told. */
export class Agent {
  private readonly consul: Consul;

  constructor(private readonly props: AgentProps) {
    this.consul = new Consul(props);
  }

  /** What is in KV below the prefix, once it differs from what the index stands for. */
  async entries(index: string | undefined): Promise<{ readonly index: string; readonly body: Buffer }> {
    const { status, headers, body } = await this.blocking(`/v1/kv/${this.props.prefix}?recurse=true`, index);
    ofConsul(headers);
    // So it says that there is no key.
    return { index: indexOf(headers["x-consul-index"], index), body: status === 404 ? NONE : body };
  }

  /** Keys that the token may not read are left out of a list without an error. @throws Refused where it may not read them */
  async confirmRights(): Promise<void> {
    ofConsul((await this.get(`/v1/kv/${this.props.prefix}`)).headers);
  }

  /** Waits until a check of the agent has changed in Consul's catalog. */
  async untilChecksChange(index: string | undefined): Promise<string> {
    const filter = encodeURIComponent('CheckID == "serfHealth"');
    const answer = await this.blocking(`/v1/health/node/${this.props.node}?filter=${filter}`, index);
    return indexOf(answer.headers["x-consul-index"], index);
  }

  /** Every check of a service that the agent has. @throws Refused where the token may not see all of them */
  async checks(): Promise<readonly SeenCheck[]> {
    const checks = checksSchema.parse(await this.whole("/v1/agent/checks"));
    return Object.values(checks)
      .filter(({ ServiceID }) => ServiceID !== "")
      .map(({ CheckID, ServiceID, Status, Output }) => ({
        id: CheckID,
        service: ServiceID,
        status: Status,
        wasMade: Status !== "critical" || Output !== "",
      }));
  }

  /** The ids of the services that the agent has. @throws Refused where the token may not see all of them */
  async services(): Promise<ReadonlySet<string>> {
    return new Set(Object.keys(servicesSchema.parse(await this.whole("/v1/agent/services"))));
  }

  /** @throws Refused in the agent's words */
  async register(body: string): Promise<void> {
    const path = "/v1/agent/service/register?replace-existing-checks=true";
    const { status } = await this.consul.call({
      method: "PUT",
      path,
      tokenFile: this.props.registrationTokenFile,
      body,
    });
    if (status !== 200) throw new Refused(status, "no such path");
  }

  /** One that the agent does not have is gone already. @throws Refused in the agent's words */
  async deregister(id: string): Promise<void> {
    const path = `/v1/agent/service/deregister/${encodeURIComponent(id)}`;
    await this.consul.call({ method: "PUT", path, tokenFile: this.props.registrarTokenFile });
  }

  private async whole(path: string): Promise<unknown> {
    const { headers, body } = await this.get(path);
    if (headers["x-consul-results-filtered-by-acls"] === "true")
      throw new Refused(403, "the token may not see them all");
    return JSON.parse(body.toString("utf8"));
  }

  private blocking(path: string, index: string | undefined): Promise<Answer> {
    return index === undefined
      ? this.get(path)
      : this.get(`${path}&index=${index}&wait=${WAIT_SECONDS}s`, WAIT_SECONDS * 1000);
  }

  private get(path: string, waitMs = 0): Promise<Answer> {
    return this.consul.call({ method: "GET", path, tokenFile: this.props.registrarTokenFile, waitMs });
  }
}

const NONE = Buffer.from("[]");

/** That there is no key is believed of Consul alone, not of what stands before it. */
function ofConsul(headers: Answer["headers"]): void {
  if (headers["x-consul-index"] === undefined) throw new Unreachable("the answer is not Consul's");
}

/** What KV holds, of an answer of `entries`, in the order of the keys. */
export function readEntries(body: Buffer): readonly Entry[] {
  return entriesSchema
    .parse(JSON.parse(body.toString("utf8")))
    .map(({ Key, Value }) => ({ key: Key, value: Value ?? "" }));
}

/** The index to wait for; none where it went back, as after a restore. */
export function indexOf(header: string | string[] | undefined, before: string | undefined): string {
  const now = String(header ?? "0");
  return Number(now) < Number(before ?? 0) || !/^\d+$/.test(now) ? "0" : now;
}
