import { CONSUL_BEFORE, CONSUL_VERSION, type ConsulVersion } from "../consul-version.js";
import { MONITORING_VERSIONS } from "../monitoring-versions.js";

/**
 * The Node of both Node images. Programs are made for its major version, which is to be one that is supported:
 * https://nodejs.org/en/about/previous-releases
 */
export const NODE_VERSION = "22.23.3";

/** Where images come from: pulled from an image registry, or built here from package registries (`provision/`). */
export type ImageSource = "official" | "built";

/**
 * Every image that the platform runs: the Consul before the present one only where the settings ask for it, PostgreSQL and
 * Redis only where the catalog does; the last three where `monitoring` is on.
 */
export type ImageName =
  | "consul"
  | "consul-before"
  | "nginx"
  | "node"
  | "postgres"
  | "redis"
  | "prometheus"
  | "alertmanager"
  | "blackbox";

/**
 * Every image once. Ours never carry an official name: whoever looks at `docker ps` sees which of the two runs.
 * Nginx as built is the one that this machine's Debian or Ubuntu has, so its tag names no version.
 */
const IMAGES: Readonly<Record<ImageName, Readonly<Record<ImageSource, string>>>> = {
  consul: { official: `hashicorp/consul:${CONSUL_VERSION}`, built: `rollcall/consul:${CONSUL_VERSION}` },
  "consul-before": { official: `hashicorp/consul:${CONSUL_BEFORE}`, built: `rollcall/consul:${CONSUL_BEFORE}` },
  nginx: { official: "nginx:1.28.3-alpine", built: "rollcall/nginx:debian-1" },
  node: { official: `node:${NODE_VERSION}-alpine3.24`, built: `rollcall/node:${NODE_VERSION}` },
  postgres: { official: "postgres:17.5-bookworm", built: "rollcall/postgres:debian-1" },
  redis: { official: "redis:7.4.5-bookworm", built: "rollcall/redis:debian-1" },
  prometheus: {
    official: `prom/prometheus:v${MONITORING_VERSIONS.prometheus}`,
    built: `rollcall/prometheus:${MONITORING_VERSIONS.prometheus}`,
  },
  alertmanager: {
    official: `prom/alertmanager:v${MONITORING_VERSIONS.alertmanager}`,
    built: `rollcall/alertmanager:${MONITORING_VERSIONS.alertmanager}`,
  },
  blackbox: {
    official: `prom/blackbox-exporter:v${MONITORING_VERSIONS.blackbox}`,
    built: "rollcall/blackbox:debian-1",
  },
};

/** The images that every platform needs. */
export const IMAGE_NAMES: readonly ImageName[] = ["consul", "nginx", "node"];

/** The reference under which an image from that source runs. */
export function imageRef(name: ImageName, source: ImageSource): string {
  return IMAGES[name][source];
}

/** The image of a version of Consul. */
export function consulImage(version: ConsulVersion): ImageName {
  return version === CONSUL_BEFORE ? "consul-before" : "consul";
}
