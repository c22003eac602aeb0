/**
 * @needs clone
 * @areas programs lib/docker/bundle.ts lib/docker/images.ts provision/node.ts provision/debian-image.ts
 * @seconds 90
 */
import { join } from "node:path";
import { settingsFor } from "../../dev/fresh-clone.js";
import { bundleProgram, PROGRAMS } from "../../lib/docker/bundle.js";
import { NODE_VERSION } from "../../lib/docker/images.js";
import { furtherImage } from "./support/further-image.js";
import { command, type Ended, platform } from "./support/platform.js";

/** The Node image of this machine: the official one, or the one that is built here. */
let image: string;

beforeAll(async () => {
  const test = platform();
  image = await furtherImage("node", { ...settingsFor(test), ROLLCALL_STATE: join(test.folder, "state") });
});

/** Runs Node in a container without a network, as what runs there is run: as nobody of the image, on a root that is read-only. */
function node(args: readonly string[], input = ""): Promise<Ended> {
  const label = ["--label", "rollcall=test"];
  const hardened = ["--read-only", "--cap-drop", "ALL", "--network", "none", "--user", "100:1000"];
  const run = ["run", "--rm", "--interactive", ...label, ...hardened, "--entrypoint", "/usr/bin/env", image, "node"];
  return command("docker", [...run, ...args], { input });
}

describe("the Node image", () => {
  test("has the version that programs are made for", async () => {
    expect(await node(["--version"])).toMatchObject({ code: 0, stdout: `v${NODE_VERSION}\n` });
  });

  test.each(PROGRAMS)(
    "starts the program %s, which ends without its settings and says how it is started",
    async (name) => {
      const { code, stderr } = await node(["--input-type=module", "-"], bundleProgram(name));
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^usage: .*node \w+\.mjs/) });
    },
  );
});
