import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONSUL_BEFORE, CONSUL_VERSION } from "../../../lib/consul-version.js";
import { IMAGE_NAMES, imageRef } from "../../../lib/docker/images.js";
import { keyOf } from "../../../provision/cache.js";
import type { System } from "../../../provision/debian.js";
import { debootstrapCommand } from "../../../provision/debian-image.js";
import { requireSpace } from "../../../provision/failures.js";
import { goBuild, moduleKey, requireGo } from "../../../provision/go.js";
import { imageKey } from "../../../provision/image-key.js";
import { provideImage, type Recipe } from "../../../provision/image-store.js";
import { requiredProviders } from "../../../provision/probe.js";
import { provideImages } from "../../../provision/provide-images.js";
import { PROVIDERS } from "../../../provision/provider-versions.js";
import { cliConfig, mirrorPath, terraformEnv } from "../../../provision/providers.js";
import { failing, fakeContext } from "../../support/provision-fakes.js";

const PROVISION = join(import.meta.dirname, "../../../provision");
const DEBIAN_ROOT: System = { debian: true, root: true, services: false, codename: "bookworm" };
const NO_IMAGE = failing("Error: No such image: x");

describe("the mirror", () => {
  test("has each provider where Terraform looks for it", () => {
    const paths = PROVIDERS.map((provider) => mirrorPath(provider, "host.example", { os: "linux", arch: "amd64" }));
    expect(paths).toContain(
      "mirror/host.example/kreuzwerker/docker/4.5.0/linux_amd64/terraform-provider-docker_v4.5.0",
    );
    expect(paths).toContain("mirror/host.example/hashicorp/tls/4.1.0/linux_amd64/terraform-provider-tls_v4.1.0");
    expect(new Set(paths).size).toBe(4);
  });

  test("is the only place where Terraform looks", () => {
    const config = cliConfig({ folder: "/cache" });
    expect(config).toContain('path = "/cache/mirror"');
    expect(config).not.toMatch(/^\s*direct/m);
  });

  test("is named in the environment where it is used, and only there", () => {
    const { cache } = fakeContext(() => undefined);
    expect(terraformEnv(cache, "mirror").TF_CLI_CONFIG_FILE).toBe(join(cache.folder, "terraform.rc"));
    expect(terraformEnv(cache, "registry").TF_CLI_CONFIG_FILE).toBeUndefined();
    expect(terraformEnv(cache, "registry", { TF_PLUGIN_CACHE_DIR: "/mine" }).TF_PLUGIN_CACHE_DIR).toBe("/mine");
  });

  test("holds what is asked of Terraform: the same sources and versions", () => {
    expect(JSON.parse(requiredProviders(PROVIDERS)).terraform.required_providers.docker).toEqual({
      source: "kreuzwerker/docker",
      version: "4.5.0",
    });
  });
});

describe("images", () => {
  const recipe: Recipe = {
    name: "nginx",
    revision: 1,
    contents: ["nginx-light"],
    machine: ["bookworm", "x64"],
    pack: async (_, tar) => writeFileSync(tar, "files"),
  };

  test("built here never carry an official name, and all are pinned", () => {
    for (const name of IMAGE_NAMES) {
      expect(imageRef(name, "built")).toMatch(/^rollcall\//);
      expect(imageRef(name, "official")).toMatch(/:\d+\.\d+\.\d+/);
      expect(imageRef(name, "official")).not.toMatch(/^rollcall\//);
    }
  });

  test.each([
    ["consul", CONSUL_VERSION],
    ["consul-before", CONSUL_BEFORE],
  ] as const)("%s is built of the version that it is named after", (name, wanted) => {
    const module = readFileSync(join(PROVISION, name, "go.mod"), "utf8");
    const [, version] = /github\.com\/hashicorp\/consul v(\S+)/.exec(module) ?? [];
    expect(version).toBe(wanted);
    expect(imageRef(name, "built")).toBe(`rollcall/consul:${wanted}`);
    expect(imageRef(name, "official")).toBe(`hashicorp/consul:${wanted}`);
  });

  test("that are made at the same time download to folders of their own", () => {
    const { cache } = fakeContext(() => undefined);
    const archive = { uri: "http://debian.example", suite: "bookworm", components: ["main"] };
    const [nginx, node] = (["nginx", "node"] as const).map((name) =>
      debootstrapCommand({ cache }, archive, name, ["tini"], "/root").find((part) => part.startsWith("--cache-dir=")),
    );
    expect(nginx).toBe(`--cache-dir=${join(cache.folder, "debs", "nginx")}`);
    expect(node).toBe(`--cache-dir=${join(cache.folder, "debs", "node")}`);
  });

  test("are packed once and imported again from the cache", async () => {
    const context = fakeContext(() => "");
    await provideImage(context, recipe);
    await provideImage(context, { ...recipe, pack: () => Promise.reject(new Error("packed twice")) });
    expect(context.calls).toHaveLength(2);
    const key = imageKey(recipe);
    expect(context.calls[0]).toMatch(/^docker import .*:debian-1$/);
    expect(context.calls[0]).toContain(`rollcall.image.key=${key} `);
    expect(context.calls[0]).toContain(`/images/nginx-${key}.tar rollcall/nginx:`);
  });

  test("of an older recipe leave the cache when a newer one is there", async () => {
    const context = fakeContext(() => "");
    const kept = () => readdirSync(context.cache.subfolder("images"));
    await provideImage(context, recipe);
    const newer = { ...recipe, revision: 2 };
    await provideImage(context, newer);
    expect(kept()).toEqual([`nginx-${imageKey(newer)}.tar`]);
  });

  test("of an older recipe leave the cache, and images whose names begin alike stay", async () => {
    const context = fakeContext(() => "");
    const before: Recipe = { ...recipe, name: "consul-before" };
    await provideImage(context, before);
    await provideImage(context, { ...recipe, name: "consul" });
    await provideImage(context, { ...before, pack: () => Promise.reject(new Error("packed twice")) });
  });

  test("that were not finished are not taken for finished ones", async () => {
    const context = fakeContext(() => "");
    const killed = async (_: unknown, tar: string) => {
      writeFileSync(tar, "half");
      throw new Error("killed");
    };
    await expect(provideImage(context, { ...recipe, pack: killed })).rejects.toThrow("killed");
    await provideImage(context, recipe);
    expect(readFileSync(context.cache.path("images", `nginx-${imageKey(recipe)}.tar`), "utf8")).toBe("files");
  });

  test("cannot be built without root, which is said before anything long begins", async () => {
    const context = fakeContext(() => NO_IMAGE);
    await expect(provideImages(context, "built", { ...DEBIAN_ROOT, root: false })).rejects.toThrow(
      "images can only be built on Debian or Ubuntu, as root",
    );
    expect(context.calls.every((call) => call.startsWith("docker image inspect"))).toBe(true);
  });

  test("that were decided to be official and cannot be had name the way out", async () => {
    const context = fakeContext((command) => (command.startsWith("docker pull") ? failing("no such host") : NO_IMAGE));
    await expect(provideImages(context, "official", DEBIAN_ROOT)).rejects.toMatchObject({
      remedy: expect.stringContaining("ROLLCALL_IMAGES=built"),
    });
  });
});

describe("a cold build", () => {
  test("is refused where the disk would get full, and begun where it would not", () => {
    const cache = Object.assign(fakeContext(() => undefined).cache, { freeGiB: () => 1.2 });
    expect(() => requireSpace({ cache }, "building")).toThrow(/building needs 4 GiB of disk and .* has 1\.2 GiB left/);
    expect(() => requireSpace({ cache: Object.assign(cache, { freeGiB: () => 5 }) }, "building")).not.toThrow();
  });

  test("needs Go, and one that can fetch what the modules ask for", async () => {
    const withGo = (version: string | undefined) => fakeContext(() => version && `go version ${version} linux/amd64`);
    await expect(requireGo(withGo(undefined))).rejects.toMatchObject({ remedy: expect.stringContaining("Install Go") });
    await expect(requireGo(withGo("go1.19.8"))).rejects.toThrow("too old");
    await expect(requireGo(withGo("go1.26.8"))).resolves.toBeUndefined();
  });

  test("that fails to download something says which line said so, and that it goes on from there", async () => {
    const line = "go: example.org/module@v1.0.0: dial tcp: i/o timeout";
    const context = fakeContext(() => failing("go: downloading example.org/module v1.0.0", line));
    const build = { what: "consul image", aboutSeconds: 1, folder: PROVISION, packages: ["."], into: "/nowhere" };
    await expect(goBuild(context, build)).rejects.toMatchObject({
      message: `consul image failed: ${line}`,
      remedy: expect.stringContaining("continues where it stopped"),
    });
  });
});

describe("the cache", () => {
  test("is its owner's alone", () => {
    const { cache } = fakeContext(() => undefined);
    expect(statSync(cache.folder).mode & 0o777).toBe(0o700);
  });

  test("gives other inputs another key, however they are cut", () => {
    expect(keyOf("ab", "c")).not.toBe(keyOf("a", "bc"));
    // As it was when the images and stamps that exist were made.
    expect(keyOf("ab", "c")).toBe("430fb1b4ac43316e");
  });

  test("notices a changed source and ignores a changed test", () => {
    const folder = fakeContext(() => undefined).cache.subfolder("module");
    writeFileSync(join(folder, "go.mod"), "module x");
    mkdirSync(join(folder, "inner"));
    writeFileSync(join(folder, "inner", "main.go"), "package main");
    const key = moduleKey(folder);
    writeFileSync(join(folder, "inner", "main_test.go"), "package main");
    expect(moduleKey(folder)).toBe(key);
    writeFileSync(join(folder, "inner", "main.go"), "package main // changed");
    expect(moduleKey(folder)).not.toBe(key);
  });
});
