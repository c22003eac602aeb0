import { Construct } from "constructs";
import type { BridgeNetwork } from "../docker/bridge-network";
import { HardenedContainer } from "../docker/hardened-container";
import { MEMORY } from "../docker/memory";
import type { Owner } from "../docker/owner";

export interface WorkloadProps {
  readonly owner: Owner;
  /** The host name under which the catalog declares the service, e.g. `isa-billing`. */
  readonly name: string;
  readonly image: string;
  readonly network: BridgeNetwork;
  /** Answers HTTP here, `GET /health` and any other path with 200; a TCP check passes as well. */
  readonly ports: readonly number[];
}

/** A small stand-in for a declared service, so that a fresh machine has something to check. */
export class Workload extends Construct {
  constructor(scope: Construct, id: string, props: WorkloadProps) {
    super(scope, id);
    new HardenedContainer(this, "Workload", {
      owner: props.owner,
      image: props.image,
      name: props.name,
      user: "101:101",
      memory: MEMORY.workload,
      // Written by the container itself: a volume and a carrier for each of 40 would double the platform.
      entrypoint: [
        "/bin/sh",
        "-c",
        `printf '%s' "$NGINX_CONF" > /tmp/nginx.conf && exec /usr/sbin/nginx -e stderr -c /tmp/nginx.conf`,
      ],
      environment: { NGINX_CONF: renderWorkload(props.name, props.ports) },
      networks: [{ network: props.network, aliases: [props.name] }],
    });
  }
}

/** Nginx's configuration for one stand-in, on one line: it travels in an environment variable. */
export function renderWorkload(name: string, ports: readonly number[]): string {
  const listens = ports.map((port) => `listen ${port};`).join(" ");
  return [
    "daemon off; master_process off; pid /tmp/nginx.pid; error_log stderr crit;",
    "events { worker_connections 64; }",
    "http { access_log off; server_tokens off; default_type text/plain;",
    "client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi;",
    "uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;",
    `server { ${listens} return 200 "${name} is a stand-in and healthy"; } }`,
  ].join(" ");
}
