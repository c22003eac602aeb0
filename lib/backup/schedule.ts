/** Where snapshots come from, without the gateway between. */
export interface SnapshotSource {
  /** Addresses of the servers' HTTPS API, asked in this order. */
  readonly servers: readonly string[];
  /** The name in their certificates. */
  readonly serverName: string;
  readonly port: number;
  readonly caFile: string;
  /** The certificate that is shown to the server, with its key. */
  readonly pairFile: string;
  readonly tokenFile: string;
}

/** What the container `consul-backup` is to do; its file `backup.json`. */
export interface Schedule extends SnapshotSource {
  /** Age recipients. */
  readonly recipients: readonly string[];
  readonly everySeconds: number;
  /** How many backups stay. */
  readonly keep: number;
  readonly folder: string;
  readonly instance: string;
  readonly datacenter: string;
}
