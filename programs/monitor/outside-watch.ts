import type { MonitorConfig } from "../../lib/monitoring/monitor-config.js";
import { backup, certificates, gateway, hostMeter, leaders } from "./look-outside.js";
import { NOTHING_OUTSIDE, type Outside } from "./outside.js";
import type { Servers } from "./servers.js";

/** How often each is looked at. A certificate changes once in a year, and a handshake is dear. */
const EVERY_MS = { leaders: 3000, gateway: 5000, host: 10_000, backup: 30_000, certificates: 60_000 } as const;

/** Looks again and again at what Consul's catalog does not say. */
export class OutsideWatch {
  private seen: Outside = NOTHING_OUTSIDE;

  constructor(
    private readonly config: MonitorConfig,
    private readonly servers: Servers,
  ) {}

  get now(): Outside {
    return this.seen;
  }

  run(): void {
    const { config, servers } = this;
    const host = hostMeter();
    this.repeat("leaders", () => leaders(servers.all, config.tokenFile));
    this.repeat("gateway", () => gateway(config));
    this.repeat("host", host);
    this.repeat("backup", () => backup(config));
    this.repeat("certificates", () => certificates(config));
  }

  private repeat<What extends keyof Outside>(what: What, look: () => Promise<Outside[What]>): void {
    look()
      .catch(() => NOTHING_OUTSIDE[what])
      .then((value) => {
        this.seen = { ...this.seen, [what]: value };
        setTimeout(() => this.repeat(what, look), EVERY_MS[what]);
      });
  }
}
