import { command, docker, nameOf } from "./platform.js";

/** Somebody's web server on the platform network: it answers under a name, by rules that the test gives it. */
export class Impostor {
  private constructor(private readonly container: string) {}

  /**
   * @param alias the name that it has in the network
   * @param locations what it does, in Nginx's words
   */
  static async start(alias: string, port: number, locations: string): Promise<Impostor> {
    const impostor = new Impostor(nameOf("impostor"));
    await impostor.remove();
    const image = (await docker("inspect", "--format", "{{.Image}}", nameOf("isa-billing"))).trim();
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((of) => `${of}_temp_path /tmp/${of};`)
      .join(" ");
    const config = [
      "daemon off; master_process off; pid /tmp/nginx.pid; error_log stderr crit;",
      `events {} http { access_log /dev/stdout; ${paths} server { listen ${port}; ${locations} } }`,
    ].join(" ");
    const place = ["--network", nameOf("rollcall-platform"), "--network-alias", alias, "--tmpfs", "/tmp:mode=1777"];
    const program = "printf '%s' \"$CONF\" >/tmp/c && exec /usr/sbin/nginx -e stderr -c /tmp/c";
    const run = ["run", "--detach", "--name", impostor.container, "--user", "101:101", "--env", `CONF=${config}`];
    await docker(...run, ...place, "--entrypoint", "/bin/sh", image, "-c", program);
    return impostor;
  }

  /** How often it was asked. */
  async asked(): Promise<number> {
    return (await docker("logs", this.container)).split("\n").filter(Boolean).length;
  }

  async remove(): Promise<void> {
    await command("docker", ["rm", "--force", "--volumes", this.container]);
  }
}
