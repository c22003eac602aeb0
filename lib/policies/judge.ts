import { type App, TerraformResource, TerraformStack } from "cdktf";
import * as z from "zod";
import type { Catalog } from "../catalog/types.js";
import { UserError } from "../user-error.js";
import { EVERY_SERVICE_CHECKED, uncheckedServices } from "./every-service-checked.js";
import {
  checksOfTheControlPlane,
  NO_CHECK_OF_THE_CONTROL_PLANE,
  type PlatformPlace,
} from "./no-check-of-the-control-plane.js";
import { POLICIES } from "./policies.js";
import type { Policy } from "./policy.js";
import { containerSchema, imageSchema, type Resource, volumeSchema } from "./resource.js";
import { suppressedFor } from "./suppress.js";

const byId = z.record(z.string(), z.unknown()).default({});
const stackSchema = z.object({
  resource: z.object({ docker_container: byId, docker_volume: byId, docker_image: byId }).partial().default({}),
});

/**
 * Judges everything that the program declares before it is written for Terraform.
 * @param place where the platform stands
 * @param lifted ids of policies that a setting lifts for this run
 * @throws UserError with every violation: the stack and the resource, what is wrong, the policy, the remedy
 */
export function judge(app: App, catalog: Catalog, place: PlatformPlace, lifted: ReadonlySet<string> = new Set()): void {
  const policies = POLICIES.filter(({ id }) => !lifted.has(id));
  const violations = [
    ...uncheckedServices(catalog).map(
      (name) => `${name}: nothing checks it (policy ${EVERY_SERVICE_CHECKED}); give it a check, or none with a reason`,
    ),
    ...checksOfTheControlPlane(catalog, place).map(
      (what) =>
        `${what} (policy ${NO_CHECK_OF_THE_CONTROL_PLANE}); write the address at which others reach the service`,
    ),
    ...app.node.children.filter(TerraformStack.isStack).flatMap((stack) => violationsOf(stack, policies)),
  ];
  if (violations.length > 0)
    throw new UserError(violations.join("\n"), "docs/security.md has the policies, and how one is suppressed.");
}

function violationsOf(stack: TerraformStack, policies: readonly Policy[]): readonly string[] {
  const excused = excusedIn(stack);
  return resourcesOf(stack).flatMap((resource) =>
    policies.flatMap(({ id, judge: verdictOn, remedy }) => {
      const wrong = excused.get(resource.address)?.has(id) === true ? undefined : verdictOn(resource);
      const name = `${resource.stack}: ${resource.kind} ${resource.is.name}`;
      return wrong === undefined ? [] : [`${name}: ${wrong} (policy ${id}); ${remedy}`];
    }),
  );
}

/** What the stack declares, as Terraform will read it: tokens resolved, overrides included. */
function resourcesOf(stack: TerraformStack): readonly Resource[] {
  const { resource } = stackSchema.parse(stack.toTerraform());
  const at = (type: string, id: string) => ({ stack: stack.node.id, address: `${type}.${id}` });
  return [
    ...Object.entries(resource.docker_container ?? {}).map(([id, is]) => ({
      ...at("docker_container", id),
      kind: "container" as const,
      is: containerSchema.parse(is),
    })),
    ...Object.entries(resource.docker_volume ?? {}).map(([id, is]) => ({
      ...at("docker_volume", id),
      kind: "volume" as const,
      is: volumeSchema.parse(is),
    })),
    ...Object.entries(resource.docker_image ?? {}).map(([id, is]) => ({
      ...at("docker_image", id),
      kind: "image" as const,
      is: imageSchema.parse(is),
    })),
  ];
}

function excusedIn(stack: TerraformStack): ReadonlyMap<string, ReadonlySet<string>> {
  const resources = stack.node.findAll().filter(TerraformResource.isTerraformResource);
  return new Map(
    resources.map((each) => [`${each.terraformResourceType}.${each.friendlyUniqueId}`, suppressedFor(each)]),
  );
}
