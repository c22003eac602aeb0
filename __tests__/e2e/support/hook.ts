import { z } from "zod";
import { docker } from "./platform.js";

const message = z.object({
  alerts: z.array(z.object({ status: z.string(), labels: z.object({ alertname: z.string() }) })),
});

const PROGRAM = `require("http").createServer((request, response) => {
  let body = "";
  request.on("data", (part) => { body += part; });
  request.on("end", () => { console.log(request.url + " " + body); response.end(); });
}).listen(8080)`;

/** A webhook of somebody's, in a container beside a platform: it prints what comes. */
export class Hook {
  /** @param name its container's */
  constructor(readonly name: string) {}

  /** Its address in the network. */
  get url(): string {
    return `http://${this.name}:8080/secret-path`;
  }

  /** @param like a container with Node, whose image it has @param network where it stands */
  async start(like: string, network: string): Promise<void> {
    const image = (await docker("inspect", "--format", "{{.Image}}", like)).trim();
    const where = ["--name", this.name, "--network", network, "--label", "rollcall=test"];
    await docker("run", "--detach", ...where, "--entrypoint", "node", image, "-e", PROGRAM);
  }

  /** What reached it, a line each: path, status and the alerts' names. */
  async heard(): Promise<readonly string[]> {
    const lines = (await docker("logs", this.name)).split("\n").filter((line) => line !== "");
    return lines.map((line) => {
      const { alerts } = message.parse(JSON.parse(line.slice(line.indexOf(" ") + 1)));
      const told = alerts.map(({ status, labels }) => `${status} ${labels.alertname}`);
      return `${line.split(" ")[0]} ${told.join()}`;
    });
  }

  async remove(): Promise<void> {
    await docker("rm", "--force", this.name);
  }
}
