/** Where one service has its place: its key in Consul KV, its file beside the agent, its id at the agent. */
export interface Place {
  readonly team: string;
  readonly name: string;
  /** Of a service with one instance, its name. */
  readonly id: string;
  readonly key: string;
  /** `<team>.<name>`, or `<team>.<name>.<id>`: the key with a dot for each slash, and without `.json`. */
  readonly file: string;
}

const LONGEST_KEY = 256;
const NAME = /^[a-z0-9_][a-z0-9_-]*$/;
const ID = /^[A-Za-z0-9_][A-Za-z0-9_.:-]*$/;

/** The place of a key below the prefix; undefined where it is no key of a service. */
export function placeOfKey(prefix: string, key: string): Place | undefined {
  if (!key.startsWith(prefix) || key.length > LONGEST_KEY) return undefined;
  const [team = "", name = "", id, ...more] = key.slice(prefix.length).split("/");
  return more.length > 0 ? undefined : place(prefix, team, name, id);
}

/** The place of a file's name without `.json`; undefined where it is none of the registrar's. */
export function placeOfFile(prefix: string, file: string): Place | undefined {
  const [team = "", name = "", ...rest] = file.split(".");
  return place(prefix, team, name, rest.length === 0 ? undefined : rest.join("."));
}

function place(prefix: string, team: string, name: string, id: string | undefined): Place | undefined {
  if (!NAME.test(team) || !NAME.test(name)) return undefined;
  if (id === undefined) return { team, name, id: name, key: `${prefix}${team}/${name}`, file: `${team}.${name}` };
  if (!ID.test(id) || id === name) return undefined;
  return { team, name, id, key: `${prefix}${team}/${name}/${id}`, file: `${team}.${name}.${id}` };
}

/** What is asked of a key that is none. */
export function keyWanted(prefix: string): string {
  return `the key must be ${prefix}<team>/<service> or ${prefix}<team>/<service>/<id>, of a-z 0-9 _ -, an id also of A-Z . :`;
}

/** A key as it is shown: it may hold anything. */
export function shownKey(key: string): string {
  return key.slice(0, LONGEST_KEY).replace(/[^!-~]/g, "?");
}
