import { z } from "zod";
import { INSTANCE_LABEL, STACK_LABEL } from "../../lib/docker/owner.js";
import { INSTANCE, type Platform, resourcesOf, type Stack } from "./synth-app.js";

const containerArguments = z.object({
  name: z.string(),
  image: z.string(),
  hostname: z.string().optional(),
  start: z.boolean().default(true),
  must_run: z.boolean().default(true),
  read_only: z.boolean().default(false),
  privileged: z.boolean().default(false),
  user: z.string().default(""),
  capabilities: z.object({ add: z.array(z.string()).default([]), drop: z.array(z.string()).default([]) }).default({
    add: [],
    drop: [],
  }),
  security_opts: z.array(z.string()).default([]),
  memory: z.number().default(0),
  memory_swap: z.number().default(0),
  restart: z.string().default("no"),
  log_driver: z.string().default(""),
  log_opts: z.record(z.string(), z.string()).default({}),
  labels: z.array(z.object({ label: z.string(), value: z.string() })).default([]),
  network_mode: z.string().default(""),
  networks_advanced: z
    .array(z.object({ name: z.string(), aliases: z.array(z.string()), ipv4_address: z.string().optional() }))
    .default([]),
  sysctls: z.record(z.string(), z.string()).default({}),
  ports: z
    .array(z.object({ internal: z.number(), external: z.number(), ip: z.string().default("0.0.0.0") }))
    .default([]),
  volumes: z
    .array(
      z.object({
        volume_name: z.string().optional(),
        host_path: z.string().optional(),
        container_path: z.string(),
        read_only: z.boolean().default(false),
      }),
    )
    .default([]),
  tmpfs: z.record(z.string(), z.string()).default({}),
  env: z.array(z.string()).default([]),
  entrypoint: z.array(z.string()).default([]),
  upload: z.array(z.object({ file: z.string(), content: z.string(), permissions: z.string() })).default([]),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  wait: z.boolean().default(false),
  destroy_grace_seconds: z.number().default(0),
  depends_on: z.array(z.string()).default([]),
  lifecycle: z
    .object({
      replace_triggered_by: z.array(z.string()).default([]),
      create_before_destroy: z.boolean().default(false),
      ignore_changes: z.array(z.string()).default([]),
    })
    .optional(),
});

/** A `docker_container`, with what the provider assumes where the program says nothing. */
export interface Container extends Readonly<z.output<typeof containerArguments>> {
  readonly stack: string;
  /** `docker_container.<id>` */
  readonly address: string;
}

/** The containers of one stack. */
export function containersOf(stack: Stack, name: string): readonly Container[] {
  return Object.entries(resourcesOf(stack, "docker_container")).map(([id, resource]) => ({
    ...containerArguments.parse(resource),
    stack: name,
    address: `docker_container.${id}`,
  }));
}

/** The containers of all stacks. */
export function allContainers(platform: Platform): readonly Container[] {
  return Object.entries(platform.stacks).flatMap(([name, stack]) => containersOf(stack, name));
}

/** Those that run; the others are carriers of files. */
export function running(containers: readonly Container[]): readonly Container[] {
  return containers.filter(({ start }) => start);
}

/** What a container that runs lacks of the hardening that the platform promises; [] where it has all. */
export function weaknessesOf(container: Container): readonly string[] {
  const { capabilities, tmpfs, log_opts, labels } = container;
  const labelled = (name: string, value: string) => labels.some((pair) => pair.label === name && pair.value === value);
  const rules: Readonly<Record<string, boolean>> = {
    "its root is writable": container.read_only,
    "it has capabilities": capabilities.drop.includes("ALL") && capabilities.add.length === 0 && !container.privileged,
    "it can gain privileges": container.security_opts.includes("no-new-privileges"),
    "its memory is not bounded": container.memory > 0 && container.memory_swap === container.memory,
    "its logs are not bounded":
      container.log_driver === "json-file" && log_opts["max-size"] === "10m" && log_opts["max-file"] === "3",
    "it stays away after a crash": container.restart === "unless-stopped",
    "it runs as root or by a user's name": /^[1-9]\d*:[1-9]\d*$/.test(container.user),
    "it lacks our labels": labelled(STACK_LABEL, container.stack) && labelled(INSTANCE_LABEL, INSTANCE),
    "it sees the host's files": container.volumes.every(({ host_path }) => host_path === undefined),
    "it can run what it writes to a tmpfs": Object.values(tmpfs).every((options) =>
      ["noexec", "nosuid", "nodev"].every((option) => options.split(",").includes(option)),
    ),
    "it shares a network that is not ours":
      container.network_mode === "bridge" && container.networks_advanced.length > 0,
    "it is killed at once": container.destroy_grace_seconds >= 10,
  };
  return Object.entries(rules).flatMap(([weakness, kept]) => (kept ? [] : [weakness]));
}

/** Its published ports, other than on 127.0.0.1. */
export function exposedPorts(container: Container): readonly string[] {
  return container.ports.filter(({ ip }) => ip !== "127.0.0.1").map(({ ip, external }) => `${ip}:${external}`);
}
