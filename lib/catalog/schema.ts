import * as z from "zod";
import { checkOverrideSchema, checkSchema, furtherCheckSchema } from "./checks.js";
import {
  address,
  checkName,
  datacenters,
  deregisterAfter,
  instanceId,
  meta,
  port,
  region,
  serviceName,
  tags,
  teamName,
  weights,
} from "./fields.js";
import { monitoredShape } from "./monitored-fields.js";
import { strict } from "./strict.js";

/** What a file says for all services of its team. */
export const defaultsSchema = strict(
  {
    address: address
      .optional()
      .describe(
        "Host name or IP address; {name} is the service's name without _service or _grpc_service, _ as -; {id} is the id",
      ),
    tags: tags.optional().describe("Tags of every service of the team"),
    meta: meta.optional().describe("Consul meta of every service of the team: texts by key; team is added by itself"),
    check: checkSchema.optional().describe("The check of every service that does not say otherwise"),
    deregister_critical_service_after: deregisterAfter
      .optional()
      .describe("How long a service may stay critical before Consul drops it: at least 1m, or never; 90s if left out"),
    failover: datacenters
      .optional()
      .describe("Datacenters that the services' prepared queries try where no instance here passes, in this order"),
    ...monitoredShape,
  },
  "a mapping with address, tags, meta, check and what else holds for all services",
);

const checksWant = "a mapping of at most 16 complete checks by name";

/** What a file says about one of several instances of a service. */
const instanceSchema = strict(
  {
    id: instanceId.describe("Its id in Consul, unique in the whole catalog"),
    address: address.optional().describe("Host name or IP address, instead of the service's"),
    port: port.optional().describe("The port on which it listens, instead of the service's"),
    region: region.optional().describe("Where it stands, instead of the service's region"),
    weights: weights.optional().describe("Its share of the requests, instead of the service's"),
    tags: tags.optional().describe("Tags in addition to the service's"),
    meta: meta.optional().describe("Consul meta laid over the service's, key by key"),
  },
  "a mapping with at least id",
);

/** What a file says about one service. */
export const serviceSchema = strict(
  {
    port: port.optional().describe("The port on which the service listens, 1 to 65535"),
    address: address.optional().describe("Host name or IP address, instead of the team's"),
    region: region.optional().describe("Where it stands; it becomes the Consul meta key region"),
    weights: weights.optional().describe("Its share of the requests where clients weigh; 1 each if left out"),
    tags: tags.optional().describe("Tags in addition to the team's"),
    meta: meta.optional().describe("Consul meta laid over the team's, key by key"),
    check: checkOverrideSchema
      .optional()
      .describe("Fields laid over the team's check; with another kind, a complete check instead of it"),
    checks: z
      .record(checkName, furtherCheckSchema, checksWant)
      .refine((checks) => Object.keys(checks).length <= 16, checksWant)
      .meta({ maxProperties: 16 })
      .optional()
      .describe("Further checks by name, each complete; the service is as healthy as the worst"),
    deregister_critical_service_after: deregisterAfter
      .optional()
      .describe("How long it may stay critical before Consul drops it, instead of the team's: at least 1m, or never"),
    failover: datacenters
      .optional()
      .describe("Datacenters that its prepared query tries where no instance here passes, instead of the team's"),
    ...monitoredShape,
    dynamic: z
      .literal(true, "true, or leave it out")
      .optional()
      .describe(
        "Its instances come and go, and register themselves (discovery client); it has no port, check or tags here",
      ),
    instances: z
      .array(instanceSchema, "a list of instances")
      .min(1, "at least one instance, or leave instances out")
      .max(100, "at most 100 instances")
      .optional()
      .describe("The instances of the service; one with the service's name as its id if left out"),
  },
  "a mapping with at least port",
).meta({ anyOf: [{ required: ["port"] }, { required: ["instances"] }, { required: ["dynamic"] }] });

/** One file of the catalog: one team and its services. */
export const teamFileSchema = strict(
  {
    team: teamName.describe("The team that owns the services; it becomes the Consul meta key team"),
    defaults: defaultsSchema.optional().describe("What holds for every service that does not say otherwise"),
    services: z
      .record(serviceName, serviceSchema, "a mapping of services by name")
      .refine((services) => Object.keys(services).length > 0, "at least one service, or delete the file")
      .meta({ minProperties: 1, description: "The services by name; the name is their id in Consul" }),
  },
  "a mapping with team, defaults and services",
).meta({ title: "Rollcall service catalog", description: "One team and its services; docs/catalog.md has the rules" });

/** What a file gives for all its services, checked. */
export type Defaults = z.infer<typeof defaultsSchema>;

/** What a file gives for one instance of a service. */
export type InstanceEntry = z.infer<typeof instanceSchema>;

/** What a file gives for one service, checked by itself but not yet together with the defaults. */
export type ServiceEntry = z.infer<typeof serviceSchema>;
