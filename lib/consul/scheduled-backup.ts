import { Construct } from "constructs";
import type { Schedule } from "../backup/schedule";
import type { BridgeNetwork } from "../docker/bridge-network";
import { Carrier } from "../docker/carrier";
import { DataVolume } from "../docker/data-volume";
import { HardenedContainer } from "../docker/hardened-container";
import { MEMORY } from "../docker/memory";
import type { Owner } from "../docker/owner";
import { literal } from "../literal";
import { carrierName, PARTS } from "../platform-names";
import { CA_FILE, PAIR_FILE } from "./agent-config";
import { bundleBackupProgram } from "./backup-program";
import type { Certificate } from "./certificate-authority";
import { type Cluster, serverTlsName } from "./cluster";
import { BACKUP_FOLDER, CONFIG, CONSUL_DATA, CONSUL_USER, SECRETS } from "./paths";

export interface ScheduledBackupProps {
  readonly owner: Owner;
  /** One with Node. */
  readonly image: string;
  /** One whose CONSUL_DATA belongs to Consul's user, as the new volume then does. */
  readonly consulImage: string;
  readonly cluster: Cluster;
  readonly network: BridgeNetwork;
  /** What it verifies the servers with, PEM. */
  readonly trustPem: string;
  /** What it shows them. */
  readonly certificate: Certificate;
  /** May take snapshots, sensitive. */
  readonly token: string;
  /** Age recipients. */
  readonly recipients: readonly string[];
  readonly everySeconds: number;
  /** How many backups stay. */
  readonly keep: number;
}

/** Where it answers `/metrics` and `/health` in the control plane. */
export const BACKUP_PORT = 9180;

/** `consul-backup`: a snapshot every so often, encrypted, into a volume of its own (`ROLLCALL_BACKUP_EVERY`). */
export class ScheduledBackup extends Construct {
  constructor(scope: Construct, id: string, props: ScheduledBackupProps) {
    super(scope, id);
    const { owner, image, cluster } = props;
    const schedule: Schedule = {
      servers: cluster.servers.map(({ address }) => address),
      serverName: serverTlsName(cluster),
      port: 8501,
      caFile: `${SECRETS}/${CA_FILE}`,
      pairFile: `${SECRETS}/${PAIR_FILE}`,
      tokenFile: `${SECRETS}/backup.token`,
      recipients: props.recipients,
      everySeconds: props.everySeconds,
      keep: props.keep,
      folder: BACKUP_FOLDER,
      instance: owner.instance,
      datacenter: cluster.datacenter,
    };
    const backups = new DataVolume(this, "Backups", { owner, name: PARTS.backup });
    const config = new Carrier(this, "Config", {
      owner,
      image: props.consulImage,
      name: carrierName(PARTS.backup, "config"),
      folder: CONFIG,
      files: {
        "backup.mjs": literal(bundleBackupProgram()),
        "backup.json": literal(JSON.stringify(schedule, null, 2)),
      },
      prepares: { [CONSUL_DATA]: backups },
    });
    const secrets = new Carrier(this, "Secrets", {
      owner,
      image: props.consulImage,
      name: carrierName(PARTS.backup, "secrets"),
      folder: SECRETS,
      files: {
        "backup.token": props.token,
        [CA_FILE]: props.trustPem,
        [PAIR_FILE]: props.certificate.pairPem,
      },
    });
    // No "wget -T": the busybox of Debian 12 crashes on it.
    const ask = ["busybox", "timeout", "5", "busybox", "wget", "-q", "-O", "-"];
    new HardenedContainer(this, "Backup", {
      owner,
      image,
      name: PARTS.backup,
      user: CONSUL_USER,
      memory: MEMORY.backup,
      entrypoint: ["/usr/bin/env", "node", `${CONFIG}/backup.mjs`, `${CONFIG}/backup.json`, String(BACKUP_PORT)],
      networks: [{ network: props.network, aliases: [PARTS.backup] }],
      data: { [CONSUL_DATA]: backups },
      carriers: [config],
      // Read for each snapshot.
      livingCarriers: [secrets],
      init: true,
      healthcheck: {
        test: ["CMD", ...ask, `http://127.0.0.1:${BACKUP_PORT}/health`],
        interval: "10s",
        timeout: "10s",
        retries: 3,
      },
    });
  }
}
