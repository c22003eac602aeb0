import type { CatalogFacts } from "./catalog-facts.js";

/** The file that tells `consul-monitor` what to look at. */
export const MONITOR_FILE = "monitor.json";

/** What stands in it. */
export interface MonitorConfig {
  /** The servers' HTTPS API, asked in this order. */
  readonly servers: readonly { readonly name: string; readonly address: string }[];
  readonly serverPort: number;
  /** The name in the servers' certificates. */
  readonly serverName: string;
  readonly caFile: string;
  /** The certificate that is shown to the servers, with its key. */
  readonly pairFile: string;
  readonly tokenFile: string;
  /** The node that declared services are registered on. */
  readonly node: string;
  /** `host:port` of its HTTPS API, whose certificate is looked at. */
  readonly agent: string;
  /** `host:port` of the gateway's HTTPS port, which is asked for the leader. */
  readonly gateway: string;
  /** Where the scheduled backup answers `/metrics`. @default - none is scheduled */
  readonly backup?: string;
  /** Where the declarations are in Consul KV. */
  readonly prefix: string;
  /** What KV does not say of the services. */
  readonly facts: CatalogFacts;
  /** Where the history lies. */
  readonly folder: string;
}
