import { PROGRAMS, type ProgramName } from "../../lib/docker/bundle.js";
import { allContainers, type Container, running, weaknessesOf } from "./containers.js";
import { synthPlatform } from "./synth-app.js";

const platform = synthPlatform({
  ROLLCALL_CATALOG: "service-catalog/examples/ish-chat",
  ROLLCALL_BACKUP_RECIPIENT: "age1enzqqz2",
  ROLLCALL_BACKUP_EVERY: "6h",
});
const containers = allContainers(platform);
const SHELL = /(^|[ /])(ba|da|a)?sh( |$)/;

/** The tokens that each program reads. */
const TOKENS: Readonly<Record<ProgramName, readonly string[]>> = {
  backup: ["backup"],
  monitor: ["monitor"],
  prober: [],
  registrar: ["registrar", "registration"],
};

function named(name: string): Container {
  const found = containers.find((container) => container.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** What is brought into a container's volumes. */
function uploadsOf({ volumes }: Container): readonly { readonly file: string; readonly content: string }[] {
  const mounted = new Set(volumes.map(({ volume_name }) => volume_name));
  return containers
    .filter(({ start }) => !start)
    .filter(({ volumes }) => mounted.has(volumes[0]?.volume_name))
    .flatMap(({ upload }) => upload);
}

describe.each(PROGRAMS)("the container of the program %s", (program) => {
  const container = named(`consul-${program}`);

  test("is hardened, its root read-only, and Node alone begins in it", () => {
    expect(running(containers)).toContain(container);
    expect(weaknessesOf(container)).toEqual([]);
    const [env, node, file] = container.entrypoint;
    expect([env, node, file]).toEqual(["/usr/bin/env", "node", `/rollcall/config/${program}.mjs`]);
  });

  test("has no shell in its command and in its health check", () => {
    const { test = [] } = container.healthcheck ?? {};
    expect(test[0]).toBe("CMD");
    expect([...container.entrypoint, ...test].filter((word) => SHELL.test(word))).toEqual([]);
    expect(SHELL.test("/bin/sh")).toBe(true);
  });

  test("reads the token of its own alone", () => {
    const tokens = uploadsOf(container).filter(({ file }) => file.endsWith(".token"));
    expect(tokens.map(({ file }) => file)).toEqual(TOKENS[program].map((name) => `/rollcall/secrets/${name}.token`));
    expect(uploadsOf(container).map(({ file }) => file)).toContain(`/rollcall/config/${program}.mjs`);
  });
});
