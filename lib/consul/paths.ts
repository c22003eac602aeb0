/** Where files stand in the containers; the same in the official images and in ours. */
export const CONFIG = "/rollcall/config";
export const SECRETS = "/rollcall/secrets";
/**
 * Whom the gateway sends requests to, and the certificates that it trusts: of all it takes anew, what it must read its
 * configuration again for.
 */
export const SERVERS = "/rollcall/servers";
/** Where a door writes its audit log. */
export const AUDIT = "/var/log/rollcall";
/** Writable by everybody in both image families, so that a volume mounted here first is so. */
export const ANYBODYS = "/var/tmp";
/** Where `consul-monitor` keeps the history of what changed. */
export const HISTORY_FOLDER = `${ANYBODYS}/history`;
/** What a server reads only when it starts: the tokens. All other secrets are taken anew while it runs. */
export const TOKENS = "/rollcall/tokens";
/** Where the shared agent's Consul serves its API: a socket that nobody outside of the container reaches. */
export const CONSUL_API = "/tmp/consul-api";
/** The Consul image's programs, in a container of another image. */
export const PROGRAMS = "/rollcall/programs";
/** Owned by Consul's user in both image families, so that a volume mounted here first is writable by it. */
export const CONSUL_DATA = "/consul/data";
/** Where `consul-backup` keeps its backups. */
export const BACKUP_FOLDER = `${CONSUL_DATA}/backups`;
export const CONSUL_CONFIG = "/consul/config";
/** The agent's view of the definitions that the registrar writes (the registrar's own view is CONSUL_CONFIG). */
export const DEFINITIONS = "/consul/config/services";
/** Consul's user and group, by number: the official image names them, ours need not. */
export const CONSUL_USER = "100:1000";
export const CONSUL_BINARY = "/bin/consul";
