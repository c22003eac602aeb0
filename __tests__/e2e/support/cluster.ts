import { apiJson, docker, nameOf, passingServices, until } from "./platform.js";
import { call } from "./poll.js";

/** The servers of the platform under test, by the names of their containers and nodes. */
export const SERVERS = ["consul-server-1", "consul-server-2", "consul-server-3"] as const;

export type Server = (typeof SERVERS)[number];

/** Whoever of the control plane holds a certificate. */
export const MEMBERS = [...SERVERS, "consul-agent-shared", "consul-ui"] as const;

/** Writes that an election may refuse: as many as a writer of 50 a second has under way, and has begun until it knows. */
export const REFUSED_BY_AN_ELECTION = 50;

interface AutopilotHealth {
  readonly Healthy: boolean;
  readonly FailureTolerance: number;
  readonly Servers: readonly {
    readonly ID: string;
    readonly Name: string;
    readonly Healthy: boolean;
    readonly Voter: boolean;
    readonly Leader: boolean;
    readonly LastTerm: number;
  }[];
}

/** The three servers, as whoever holds the management token sees them. */
export class Cluster {
  constructor(private readonly management: string) {}

  async leader(): Promise<Server> {
    // Autopilot knows no server until it has looked at them once since an election.
    return until("autopilot knows a leader", 5, async () => {
      const name = (await this.autopilot()).Servers.find((server) => server.Leader)?.Name;
      return SERVERS.find((server) => server === name);
    });
  }

  /** Those that follow the leader. */
  async followers(): Promise<readonly Server[]> {
    const leader = await this.leader();
    return SERVERS.filter((server) => server !== leader);
  }

  /** Those that vote, each with raft's id of it: another one after its data were lost. */
  async voters(): Promise<Readonly<Record<string, string>>> {
    const { Servers } = await this.autopilot();
    return Object.fromEntries(Servers.flatMap(({ ID, Name, Voter }) => (Voter ? [[Name, ID]] : [])));
  }

  /** Raft's number of the election that made the present leader. */
  async term(): Promise<number> {
    const { Servers } = await this.autopilot();
    return Math.max(...Servers.map(({ LastTerm }) => LastTerm));
  }

  /**
   * Elections since a term that nobody asked for: a leader without its majority for half a second resigns, which a pause
   * of the machine does while one of three servers is away. It refuses what it has under way.
   * @param handedOver how often leadership was handed over meanwhile
   */
  async electionsSince(term: number, handedOver = 0): Promise<number> {
    const elections = (await this.term()) - term - handedOver;
    console.log(`elections that nobody asked for: ${elections}`);
    return elections;
  }

  /** Container healthy, raft peer, alive in gossip, and autopilot content: all three of them. */
  async untilWhole(what: string, aimSeconds: number): Promise<void> {
    await until(what, aimSeconds, async () => {
      const health = await docker("inspect", "--format", "{{.State.Health.Status}}", ...SERVERS.map(nameOf));
      const peers = await apiJson<string[]>("/v1/status/peers");
      const members = await docker("exec", nameOf("consul-agent-shared"), "consul", "members");
      const { Healthy, FailureTolerance } = await this.autopilot();
      return (
        health.trim() === "healthy\nhealthy\nhealthy" &&
        peers.length === 3 &&
        members.match(/ alive +server /g)?.length === 3 &&
        Healthy &&
        FailureTolerance === 1
      );
    });
  }

  /** Autopilot's view: every server a voter that follows the leader, so that one more may fail. */
  private async autopilot(): Promise<AutopilotHealth> {
    // It answers 429 while a server was late with its last sign of life, with the same body.
    const options = { token: this.management, takes: 429 };
    return JSON.parse(await call("/v1/operator/autopilot/health", options)) as AutopilotHealth;
  }
}

export async function untilAllPass(aimSeconds: number): Promise<void> {
  await until("all 40 pass", aimSeconds, async () => (await passingServices()).size === 40);
}
