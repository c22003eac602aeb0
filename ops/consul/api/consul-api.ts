import { AclApi } from "./acl.js";
import { AgentApi } from "./agent.js";
import { type CallOptions, ConsulCalls } from "./calls.js";
import { CatalogApi } from "./catalog.js";
import { HealthApi } from "./health.js";
import { KeyringApi } from "./keyring.js";
import { KvApi } from "./kv.js";
import { ObjectsApi } from "./objects.js";
import { OperatorApi } from "./operator.js";
import { QueryApi } from "./queries.js";
import { SnapshotApi } from "./snapshot.js";
import { StatusApi } from "./status.js";
import type { ConsulTransport } from "./transport.js";

/**
 * Consul's HTTP API, in its own parts. Each method gives what the verbs work with, checked.
 * @throws UserError, each method, where Consul does not answer or does not do what it is asked
 */
export class ConsulApi {
  readonly acl: AclApi;
  readonly agent: AgentApi;
  readonly catalog: CatalogApi;
  readonly health: HealthApi;
  readonly keyring: KeyringApi;
  readonly kv: KvApi;
  readonly objects: ObjectsApi;
  readonly operator: OperatorApi;
  readonly queries: QueryApi;
  readonly snapshot: SnapshotApi;
  readonly status: StatusApi;

  /**
   * @param transport the way to it
   * @param options the token, and whether what is a moment old is enough
   */
  constructor(transport: ConsulTransport, options: CallOptions = {}) {
    const calls = new ConsulCalls(transport, options);
    this.acl = new AclApi(calls);
    this.agent = new AgentApi(calls);
    this.catalog = new CatalogApi(calls);
    this.health = new HealthApi(calls);
    this.keyring = new KeyringApi(calls);
    this.kv = new KvApi(calls);
    this.objects = new ObjectsApi(calls);
    this.operator = new OperatorApi(calls);
    this.queries = new QueryApi(calls);
    this.snapshot = new SnapshotApi(calls);
    this.status = new StatusApi(calls);
  }
}
