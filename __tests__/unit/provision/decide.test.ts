import { UserError } from "../../../lib/user-error.js";
import { decideImages, decideProviders } from "../../../provision/decide.js";
import { readDecisions } from "../../../provision/decisions.js";
import { requireTerraform } from "../../../provision/probe.js";
import { failing, fakeContext } from "../../support/provision-fakes.js";

const NO_IMAGE = failing("Error: No such image: x");
const NO_NETWORK = failing("Error response from daemon: dial tcp: lookup registry.example: no such host");

const engine = (inspect: (ref: string) => string | typeof NO_IMAGE, pull: string | typeof NO_IMAGE = NO_NETWORK) =>
  fakeContext((command) => {
    if (command.startsWith("docker image inspect")) return inspect(command.split(" ").at(-1) ?? "");
    if (command.startsWith("docker pull")) return pull;
    return undefined;
  });

const nothingThere = () => NO_IMAGE;

describe("images", () => {
  test("are official where the image registry gives them, and the probe is the download", async () => {
    const context = engine(nothingThere, "1.22.5: Pulling from hashicorp/consul");
    expect(await decideImages(context)).toBe("official");
    expect(context.calls.filter((call) => call.startsWith("docker pull"))).toHaveLength(3);
  });

  test("are built where no registry can be reached, and the reason is shown and remembered", async () => {
    const context = engine(nothingThere);
    expect(await decideImages(context)).toBe("built");
    expect(context.shown.at(-1)).toMatch(/^images: built \(no image registry: .*no such host, decided 20/);
    expect(readDecisions(context.cache).images).toMatchObject({ choice: "built" });
  });

  test("are what the engine has already, without asking any registry", async () => {
    const ours = engine((ref) => (ref.startsWith("rollcall/") ? "sha256:1" : NO_IMAGE));
    expect(await decideImages(ours)).toBe("built");
    const official = engine((ref) => (ref.startsWith("rollcall/") ? NO_IMAGE : "sha256:1"));
    expect(await decideImages(official)).toBe("official");
    expect([...ours.calls, ...official.calls].filter((call) => call.includes("pull"))).toEqual([]);
  });

  test("are decided once: the second run asks nothing", async () => {
    const context = engine(nothingThere);
    await decideImages(context);
    const before = context.calls.length;
    expect(await decideImages(context)).toBe("built");
    expect(context.calls).toHaveLength(before);
  });

  test("are what the setting says, which is shown and not remembered", async () => {
    const context = engine(nothingThere);
    expect(await decideImages(context, "official")).toBe("official");
    expect(context.shown).toEqual(["images: official (set by ROLLCALL_IMAGES)"]);
    expect(readDecisions(context.cache)).toEqual({});
  });

  test.each([
    ["a full disk", failing("write /var/lib/x: no space left on device"), /no space is left on the disk/],
    [
      "a dead engine",
      failing("Cannot connect to the Docker daemon at unix:///x"),
      /Cannot connect to the Docker daemon/,
    ],
    ["a rate limit", failing("toomanyrequests: You have reached your pull rate limit"), /does not give .*rate limit/],
    ["a missing version", failing("manifest unknown: manifest unknown"), /does not give .*manifest unknown/],
  ])("are not built because of %s: that is the person's to mend", async (_, pull, message) => {
    const context = engine(nothingThere, pull);
    const failure = decideImages(context);
    await expect(failure).rejects.toBeInstanceOf(UserError);
    await expect(failure).rejects.toThrow(message);
    expect(readDecisions(context.cache)).toEqual({});
  });

  test("are not built because a download broke off half-way", async () => {
    const context = fakeContext((command, { onLine }) => {
      if (command.startsWith("docker image inspect")) return NO_IMAGE;
      onLine?.("1.22.5: Pulling from hashicorp/consul");
      return failing("unexpected EOF");
    });
    await expect(decideImages(context)).rejects.toMatchObject({
      message: expect.stringMatching(/downloading the image .* failed: unexpected EOF/),
      remedy: expect.stringContaining("continues where it stopped"),
    });
  });

  test("are built where a registry never answers", async () => {
    jest.useFakeTimers();
    try {
      const context = fakeContext((command, { signal }) => {
        if (command.startsWith("docker image inspect")) return NO_IMAGE;
        return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(failing())));
      });
      const decision = decideImages(context);
      await jest.advanceTimersByTimeAsync(61_000);
      expect(await decision).toBe("built");
    } finally {
      jest.useRealTimers();
    }
  });
});

describe("providers", () => {
  const terraform = (init: string | ReturnType<typeof failing> | undefined) =>
    fakeContext((command) => (command.startsWith("terraform init") ? init : undefined));

  test("come from the Terraform registry where it answers", async () => {
    expect(await decideProviders(terraform("Installed hashicorp/tls"), "terraform")).toBe("registry");
  });

  test("come from the mirror where it does not, decided apart from the images", async () => {
    const context = terraform(failing("│ Error: Failed to query available provider packages"));
    expect(await decideProviders(context, "terraform")).toBe("mirror");
    expect(readDecisions(context.cache)).toEqual({ providers: expect.objectContaining({ choice: "mirror" }) });
    const before = context.calls.length;
    await decideProviders(context, "terraform");
    expect(context.calls).toHaveLength(before);
  });

  test("need Terraform: where it is missing, the person is told how to get on", async () => {
    await expect(requireTerraform(terraform(undefined), "tofu")).rejects.toMatchObject({
      message: "tofu is not installed",
      remedy: expect.stringContaining("ROLLCALL_TERRAFORM"),
    });
    const there = fakeContext((command) => (command === "terraform version" ? "Terraform v1.11.4" : undefined));
    await expect(requireTerraform(there, "terraform")).resolves.toBeUndefined();
  });

  test("are not built because of a full disk", async () => {
    const context = terraform(failing("Error: no space left on device"));
    await expect(decideProviders(context, "terraform")).rejects.toThrow("no space is left on the disk");
  });

  test("come from where the setting says", async () => {
    expect(await decideProviders(terraform("Installed"), "terraform", "mirror")).toBe("mirror");
  });
});

test("a spoilt file of decisions is as good as none", () => {
  const { cache } = fakeContext(() => undefined);
  cache.write("decisions.json", "{ not json");
  expect(readDecisions(cache)).toEqual({});
});
