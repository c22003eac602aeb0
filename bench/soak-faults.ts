import { setTimeout as sleep } from "node:timers/promises";
import { report } from "../ops/cli/progress.js";
import { docker } from "../ops/docker/docker-host.js";

/** Something that goes wrong for a while. */
interface Fault {
  readonly name: string;
  readonly seconds: number;
  readonly begin: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
}

const SERVERS = ["consul-server-1", "consul-server-2", "consul-server-3"] as const;
/** Seconds of peace between two faults, at least and at most. */
const PEACE = [8, 25] as const;

/** Does one thing after another to the containers of a platform until it is stopped, each for a while. */
export class Faults {
  /** How often each was done. */
  readonly done = new Map<string, number>();
  private readonly stopped = new AbortController();
  private readonly ended: Promise<void>;

  /** @param hosts of the services, such as `isa-billing` */
  constructor(
    private readonly prefix: string,
    private readonly hosts: readonly string[],
  ) {
    this.ended = this.run();
  }

  /** Waits until what is under way is over. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.ended;
  }

  private async run(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      await this.pause(between(...PEACE));
      if (this.stopped.signal.aborted) return;
      const fault = any(this.faults());
      report(`${fault.name}, for ${fault.seconds.toFixed(0)} s`);
      this.done.set(fault.name, (this.done.get(fault.name) ?? 0) + 1);
      await fault.begin();
      await this.pause(fault.seconds);
      await fault.end();
    }
  }

  private faults(): readonly Fault[] {
    const [server, host] = [any(SERVERS), any(this.hosts)];
    return [
      this.off("a server is killed", [server], "kill", between(3, 15)),
      this.off(
        "two servers are stopped",
        SERVERS.filter((each) => each !== server),
        "stop",
        between(10, 20),
      ),
      this.off("all servers are stopped", SERVERS, "stop", between(10, 30)),
      this.off("the gateway is killed", ["consul-ui"], "kill", between(2, 10)),
      this.off("a service is stopped", [host], "stop", between(15, 40)),
      this.off("a service is killed", [host], "kill", between(1, 5)),
      this.off("the shared agent is stopped", ["consul-agent-shared"], "stop", between(1, 10)),
      {
        name: "the gateway hangs",
        seconds: between(3, 15),
        begin: () => docker(["pause", `${this.prefix}consul-ui`]),
        end: () => docker(["unpause", `${this.prefix}consul-ui`]),
      },
    ];
  }

  private off(name: string, containers: readonly string[], how: "kill" | "stop", seconds: number): Fault {
    const names = containers.map((each) => `${this.prefix}${each}`);
    return { name, seconds, begin: () => docker([how, ...names]), end: () => docker(["start", ...names]) };
  }

  private pause(seconds: number): Promise<void> {
    return sleep(seconds * 1000, undefined, { signal: this.stopped.signal }).catch(() => {});
  }
}

function between(least: number, most: number): number {
  return least + Math.random() * (most - least);
}

function any<T>(things: readonly T[]): T {
  const thing = things[Math.floor(Math.random() * things.length)];
  if (thing === undefined) throw new Error("there is nothing to choose from");
  return thing;
}
