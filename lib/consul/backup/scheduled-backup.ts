import { Construct } from "constructs";
import type { Schedule } from "../../backup/schedule.js";
import type { BridgeNetwork } from "../../docker/bridge-network.js";
import { bundleProgram } from "../../docker/bundle.js";
import { Carrier } from "../../docker/carrier.js";
import { DataVolume } from "../../docker/data-volume.js";
import { HardenedContainer } from "../../docker/hardened-container.js";
import { asked } from "../../docker/health-check.js";
import { MEMORY } from "../../docker/memory.js";
import type { Owner } from "../../docker/owner.js";
import { literal } from "../../literal.js";
import { carrierName, PARTS, PROGRAM_PORTS } from "../../platform-names.js";
import { CA_FILE, PAIR_FILE } from "../agents/agent-config.js";
import { type Cluster, serverTlsName } from "../cluster.js";
import { BACKUP_FOLDER, CONFIG, CONSUL_DATA, CONSUL_USER, SECRETS } from "../paths.js";
import type { Certificate } from "../tls/certificate-authority.js";

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
        "backup.mjs": literal(bundleProgram("backup")),
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
    new HardenedContainer(this, "Backup", {
      owner,
      image,
      name: PARTS.backup,
      user: CONSUL_USER,
      memory: MEMORY.backup,
      entrypoint: [
        "/usr/bin/env",
        "node",
        `${CONFIG}/backup.mjs`,
        `${CONFIG}/backup.json`,
        String(PROGRAM_PORTS.backup),
      ],
      networks: [{ network: props.network, aliases: [PARTS.backup] }],
      data: { [CONSUL_DATA]: backups },
      carriers: [config],
      // Read for each snapshot.
      livingCarriers: [secrets],
      init: true,
      healthcheck: {
        test: asked(`http://127.0.0.1:${PROGRAM_PORTS.backup}/health`),
        interval: "10s",
        timeout: "10s",
        retries: 3,
      },
    });
  }
}
