import { hostPort } from "../../catalog/host-port.js";
import type { Service } from "../../catalog/types.js";
import type { TargetGroup } from "../../monitoring/export/probes.js";
import { applicationTargets } from "../../monitoring/export/targets.js";
import { MONITORING_PORTS, PARTS } from "../../platform-names.js";
import { NGINX_PATHS } from "../nginx/nginx.js";

/** As many as Prometheus takes of one application at once. */
const CONNECTIONS = 256;

/** Whether any service answers with metrics of its own: only then somebody must pass them on. */
export function needsApplicationMetrics(services: readonly Service[]): boolean {
  return services.some(({ metrics }) => metrics !== undefined);
}

/** The services that answer with metrics of their own, as a Prometheus asks for them that does not reach their network. */
export function passedTargets(services: readonly Service[]): readonly TargetGroup[] {
  return applicationTargets(services).map(({ targets, labels: { __metrics_path__: _, ...labels } }) => ({
    targets: [`${PARTS.applicationMetrics}:${MONITORING_PORTS.applicationMetrics}`],
    labels: {
      __metrics_path__: pathOf(labels),
      // By which people know it, and not by where it is asked.
      ...(targets[0] === undefined ? {} : { instance: targets[0] }),
      ...labels,
    },
  }));
}

function pathOf({ service = "", id = "" }: Readonly<Record<string, string>>): string {
  return `/metrics/${encodeURIComponent(service)}/${encodeURIComponent(id)}`;
}

/**
 * An Nginx that passes on exactly the declared services' metrics: Prometheus stands in no network of theirs. A service is
 * looked up each time, so that one that is away, or comes back elsewhere, keeps nobody from the others. Pure.
 * @param address where it listens
 */
export function renderApplicationMetrics(services: readonly Service[], address: string): string {
  const measured = services.flatMap((service) =>
    service.metrics === undefined ? [] : [{ ...service, path: service.metrics.path }],
  );
  return `daemon off;
worker_processes 1;
pid /tmp/nginx.pid;
error_log /dev/stderr crit;

events {
  worker_connections ${CONNECTIONS};
}

http {
  server_tokens off;
${NGINX_PATHS}
  access_log off;
  # Docker's own.
  resolver 127.0.0.11 valid=5s ipv6=off;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_pass_request_headers off;
  proxy_connect_timeout 2s;
  proxy_read_timeout 5s;
  proxy_max_temp_file_size 0;

  server {
    listen ${address}:${MONITORING_PORTS.applicationMetrics};

    location = /health {
      return 200 "ok\\n";
    }
${measured.map(renderLocation).join("")}
    location / {
      return 404;
    }
  }
}
`;
}

function renderLocation(service: Service & { readonly path: string }): string {
  const { name, id, path } = service;
  return `
    location = "${pathOf({ service: name, id })}" {
      limit_except GET { deny all; }
      set $host_of_it "${hostPort(service)}";
      proxy_set_header Host $host_of_it;
      proxy_pass "http://$host_of_it${harmless(path)}";
    }
`;
}

/** A path has characters that mean something to Nginx, which knows no way to write them as they are. */
function harmless(path: string): string {
  return path.replace(/[$';{}"\\]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
