import type { DockerObject } from "../../ops/docker/docker-host.js";

/** A container of a stack, as its state has it. */
export function container(id: string) {
  return {
    mode: "managed",
    type: "docker_container",
    name: "x",
    instances: [{ schema_version: 2, attributes: { id, name: "n" }, sensitive_attributes: [] }],
  };
}

/** A network of a stack, as its state has it. */
export function network(id: string) {
  return { ...container(id), type: "docker_network" };
}

/** A state as Terraform writes it. */
export function stateOf(resources: readonly unknown[], outputs: Readonly<Record<string, unknown>> = {}): string {
  const state = { version: 4, terraform_version: "1.11.4", serial: 3, lineage: "l", outputs, resources };
  return `${JSON.stringify({ ...state, check_results: null }, undefined, 2)}\n`;
}

/** Something of the platform `here` on the Docker host. */
export function found(stack: string, name: string, id: string, more: Partial<DockerObject> = {}): DockerObject {
  return { kind: "container", id, name, instance: "here", stack, state: "running", ...more };
}
