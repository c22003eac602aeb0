import { isIP } from "node:net";
import { ownPortOf } from "../../catalog/checks.js";
import type { Catalog, Service } from "../../catalog/types.js";
import type { ImageName } from "../../docker/images.js";
import { MEMORY } from "../../docker/memory.js";

/** What answers in place of the declared services of one host, so that a fresh machine has something to check. */
export interface StandIn {
  /** The host name under which the catalog declares them, e.g. `isa-billing`. */
  readonly host: string;
  readonly image: Extract<ImageName, "nginx" | "postgres" | "redis">;
  /** `uid:gid`; one that both image families know by a name, which PostgreSQL asks for. */
  readonly user: string;
  readonly memory: number;
  /** One command, the same on both image families; it may write to /tmp alone. */
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Of /tmp, in MiB. */
  readonly tmpfs: number;
}

/**
 * A stand-in for each host name of the catalog: a real PostgreSQL or Redis where a check asks for one, else Nginx,
 * which answers HTTP and gRPC's health protocol. What has an IP address stands elsewhere and gets none.
 */
export function standInsOf(catalog: Catalog): readonly StandIn[] {
  const hosts = new Set(catalog.services.map(({ address }) => address).filter((address) => isIP(address) === 0));
  return [...hosts].map((host) =>
    standInFor(host, catalog.services.filter(({ address }) => address === host).sort(byPort)),
  );
}

/** Not as the files have them: a container is not replaced because two lines changed places. */
function byPort(a: Service, b: Service): number {
  return a.port - b.port || (a.id < b.id ? -1 : 1);
}

function standInFor(host: string, services: readonly Service[]): StandIn {
  const portOf = (kind: string) => services.find((service) => isCheckedBy(service, kind))?.port;
  const [postgres, redis] = [portOf("postgres"), portOf("redis")];
  const common = { host, user: "33:33", environment: {}, memory: MEMORY.database };
  if (postgres !== undefined)
    return { ...common, image: "postgres", entrypoint: ["/bin/sh", "-c", postgresOn(postgres)], tmpfs: 128 };
  if (redis !== undefined) return { ...common, image: "redis", entrypoint: redisOn(redis), tmpfs: 16 };
  const asked = services.flatMap(({ port, checks }) =>
    checks.map(({ check }) => ({ port: ownPortOf(check) ?? port, kind: check.kind })),
  );
  const listened = [...new Set([...services, ...asked].map(({ port }) => port))].map((number) => ({
    number,
    grpc: asked.some(({ port, kind }) => port === number && kind === "grpc"),
  }));
  const serving = listened.some(({ grpc }) => grpc) ? [`printf '${SERVING}' > /tmp/serving`] : [];
  const files = [`printf '%s' "$NGINX_CONF" > /tmp/nginx.conf`, ...serving];
  return {
    host,
    image: "nginx",
    user: "101:101",
    memory: MEMORY.workload,
    // Written by the container itself: a volume and a carrier for each of 40 would double the platform.
    entrypoint: ["/bin/sh", "-c", [...files, "exec /usr/sbin/nginx -e stderr -c /tmp/nginx.conf"].join(" && ")],
    environment: { NGINX_CONF: renderNginx(host, listened) },
    tmpfs: 16,
  };
}

function isCheckedBy({ checks }: Service, kind: string): boolean {
  return checks.some(({ check }) => check.kind === kind);
}

/** A gRPC message, uncompressed and two bytes long: HealthCheckResponse with status SERVING. */
const SERVING = "\\000\\000\\000\\000\\002\\010\\001";

/** A new database in memory, open to whoever reaches it: it holds nothing. */
function postgresOn(port: number): string {
  return [
    'PATH="$PATH:$(echo /usr/lib/postgresql/*/bin)"',
    "initdb --pgdata=/tmp/data --username=postgres --auth=trust --no-sync >/tmp/initdb.log 2>&1 || { cat /tmp/initdb.log; exit 1; }",
    "echo 'host all all all trust' >>/tmp/data/pg_hba.conf",
    `exec postgres -D /tmp/data -p ${port} -h '*' -k /tmp -c shared_buffers=8MB -c max_connections=20 -c fsync=off -c dynamic_shared_memory_type=mmap`,
  ].join("; ");
}

function redisOn(port: number): readonly string[] {
  const options = { port, "protected-mode": "no", save: "", appendonly: "no", dir: "/tmp", maxmemory: "32mb" };
  return [
    "/usr/bin/env",
    "redis-server",
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]),
  ];
}

/** Nginx's configuration for one stand-in, on one line: it travels in an environment variable. */
export function renderNginx(
  host: string,
  ports: readonly { readonly number: number; readonly grpc: boolean }[],
): string {
  const http = ports.filter(({ grpc }) => !grpc).map(({ number }) => `listen ${number};`);
  const grpc = ports.filter((port) => port.grpc).map(({ number }) => `listen ${number} http2;`);
  return [
    "daemon off; master_process off; pid /tmp/nginx.pid; error_log stderr crit;",
    "events { worker_connections 64; }",
    "http { access_log off; server_tokens off; default_type text/plain;",
    "client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi;",
    "uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;",
    ...(http.length === 0 ? [] : [`server { ${http.join(" ")} return 200 "${host} is a stand-in and healthy"; }`]),
    // Nginx refuses to POST to a file; the error page is that file, with the status that gRPC wants.
    ...(grpc.length === 0
      ? []
      : [
          `server { ${grpc.join(" ")} root /tmp; default_type application/grpc;`,
          "error_page 405 =200 /serving; add_trailer grpc-status 0 always;",
          "location / { return 405; } location = /serving { internal; } }",
        ]),
    "}",
  ].join(" ");
}
