import fs, { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { NODE_VERSION } from "../../../lib/docker/images.js";
import { keyOf } from "../../../provision/cache.js";
import { consulBeforeRecipe } from "../../../provision/consul-before-image.js";
import { consulRecipe } from "../../../provision/consul-image.js";
import type { System } from "../../../provision/debian.js";
import { debianRecipe } from "../../../provision/debian-image.js";
import { moduleKey } from "../../../provision/go.js";
import { type ImageInputs, imageKey, standsFor } from "../../../provision/image-key.js";
import { keptTar, outdated, provideImage, type Recipe } from "../../../provision/image-store.js";
import { NODE } from "../../../provision/node.js";
import { PROVIDERS } from "../../../provision/provider-versions.js";
import { provideProviders, stampText } from "../../../provision/providers.js";
import { failing, fakeContext } from "../../support/provision-fakes.js";

const PROVISION = join(import.meta.dirname, "../../../provision");
const SYSTEM: System = { debian: true, root: true, services: false, codename: "bookworm" };
/** Made from a recipe's source text, as keys were before decision 035. */
const OLD_KEY = "7127936cb9bd31e9";
const nginx = debianRecipe("nginx", ["nginx-light"], SYSTEM);
const node = debianRecipe("node", ["libstdc++6"], SYSTEM, NODE);
/** Recipes that ask for what they asked for then. */
const UNCHANGED: readonly Recipe[] = [
  nginx,
  debianRecipe("postgres", ["postgresql"], SYSTEM),
  debianRecipe("redis", ["redis-server"], SYSTEM),
];

/** A context whose engine has every image, with that key. */
const engineWith = (key: string) => fakeContext((command) => (command.startsWith("docker") ? `${key}\n` : undefined));

describe("an image's key", () => {
  test.each([
    ["number", { revision: 2 }],
    ["list of packages", { contents: ["nginx-light", "curl"] }],
    ["release", { machine: ["trixie", "x64"] }],
    ["architecture", { machine: ["bookworm", "arm64"] }],
    ["name", { name: "node" }],
  ] as const)("is another one for another %s, and the same for the same", (_, other) => {
    const inputs: ImageInputs = { name: "nginx", revision: 1, contents: ["nginx-light"], machine: ["bookworm", "x64"] };
    // Written out: to change how keys are made is to replace every container of every image built so far.
    expect(imageKey(inputs)).toBe("r1-4013bb3f769b5acf");
    expect(imageKey({ ...inputs, ...other })).not.toBe(imageKey(inputs));
    expect(standsFor(imageKey({ ...inputs, ...other }), inputs)).toBe(false);
  });

  test("tells contents and machine apart", () => {
    const [a, b] = ["nginx-light", "bookworm"];
    expect(imageKey({ ...nginx, contents: [a, b], machine: [] })).not.toBe(
      imageKey({ ...nginx, contents: [a], machine: [b] }),
    );
  });

  test("is another one for another version of a program that is added", () => {
    const other = debianRecipe("node", ["libstdc++6"], SYSTEM, { ...NODE, content: "node 0.0.1" });
    expect(node.contents).toEqual(["libstdc++6", `node ${NODE_VERSION}`]);
    expect(imageKey(other)).not.toBe(imageKey(node));
  });

  test("depends on no file but the modules' versions: recipes may be moved and reworded", () => {
    const read = jest.spyOn(fs, "readFileSync");
    const keys = [consulRecipe(), consulBeforeRecipe(), debianRecipe("nginx", ["nginx-light"], SYSTEM)].map(imageKey);
    const files = new Set(read.mock.calls.map(([path]) => relative(PROVISION, String(path))));
    read.mockRestore();
    expect([...files].sort()).toEqual(
      ["consul-before/go.mod", "consul-before/go.sum", "consul/go.mod", "consul/go.sum"].sort(),
    );
    expect(new Set(keys).size).toBe(3);
  });

  test("of the Consul before changes with the files that it takes over, not with the present binary", () => {
    const present = consulRecipe();
    const keyWith = (other: Partial<Recipe>) => imageKey(consulBeforeRecipe({ ...present, ...other }));
    expect(keyWith({ revision: present.revision + 1 })).not.toBe(keyWith({}));
    expect(keyWith({ contents: ["go.mod", "module x"] })).toBe(keyWith({}));
  });
});

describe("images whose keys were made from source text", () => {
  test("count as revision 1 while their recipes ask for the same: none is outdated", async () => {
    expect(await outdated(engineWith(OLD_KEY), UNCHANGED)).toEqual([]);
  });

  test.each<[string, Recipe]>([
    ["a raised number", { ...nginx, revision: 2 }],
    ["other packages", { ...nginx, contents: ["nginx-light", "curl"] }],
    ["a recipe that has been raised since", consulRecipe()],
    ["a recipe that takes over the files of such a one", consulBeforeRecipe()],
    ["a recipe that takes its program from elsewhere", node],
  ])("do not count as those of %s", async (_, recipe) => {
    expect(await outdated(engineWith(OLD_KEY), [recipe])).toEqual([recipe]);
    expect(await outdated(engineWith(imageKey(recipe)), [recipe])).toEqual([]);
  });

  test.each(["", "<no value>", "r1-7127936cb9bd31e9", "7127936cb9bd31e"])(
    "are told from images of another key or none: %p",
    async (key) => expect(await outdated(engineWith(key), [nginx])).toEqual([nginx]),
  );
});

describe("an image's files that were kept under such a key", () => {
  const withOldFile = (...names: readonly string[]) => {
    const context = fakeContext((command) => (command.startsWith("docker import") ? "" : failing("No such image: x")));
    for (const name of names) writeFileSync(context.cache.path("images", `${name}-${OLD_KEY}.tar`), `old ${name}`);
    return context;
  };
  const packed = (recipe: Recipe): Recipe => ({ ...recipe, pack: async (_, tar) => writeFileSync(tar, "new") });

  test("are imported into a fresh engine: nothing is built, and the image has the new key", async () => {
    const context = withOldFile(...UNCHANGED.map(({ name }) => name));
    const never: Recipe["pack"] = () => Promise.reject(new Error("built"));
    for (const recipe of UNCHANGED) await provideImage(context, { ...recipe, pack: never });
    expect(context.calls).toHaveLength(UNCHANGED.length);
    for (const recipe of UNCHANGED) {
      const of = context.calls.filter((call) => call.includes(`rollcall.image=${recipe.name} `));
      expect(of).toEqual([expect.stringContaining(`rollcall.image.key=${imageKey(recipe)} `)]);
      expect(readFileSync(keptTar(context, recipe) ?? "", "utf8")).toBe(`old ${recipe.name}`);
    }
  });

  test("are the release's that runs when they are first used: after its upgrade the image is built", async () => {
    const context = withOldFile("nginx");
    const upgraded = debianRecipe("nginx", ["nginx-light"], { ...SYSTEM, codename: "trixie" });
    await provideImage(context, packed(nginx));
    expect(readFileSync(keptTar(context, nginx) ?? "", "utf8")).toBe("old nginx");
    expect(keptTar(context, upgraded)).toBeUndefined();
  });

  test("are not those of revision 2, nor of another image whose name begins alike, nor are unfinished ones", async () => {
    const context = withOldFile("nginx", "consul-before");
    writeFileSync(context.cache.path("images", `node-${OLD_KEY}.tar.tmp`), "half");
    expect(keptTar(context, consulRecipe())).toBeUndefined();
    expect(keptTar(context, node)).toBeUndefined();
    const second = { ...nginx, revision: 2 };
    await provideImage(context, packed(second));
    expect(readFileSync(keptTar(context, second) ?? "", "utf8")).toBe("new");
    expect(readdirSync(context.cache.subfolder("images"))).not.toContain(`nginx-${OLD_KEY}.tar`);
  });
});

describe("a provider that is built here", () => {
  const HOSTS = ["registry.terraform.io", "registry.opentofu.org"];
  const isConsul = ({ name }: { readonly name: string }) => name === "consul";
  const workshops = [
    ["providers-docker-random-tls", "providers", PROVIDERS.filter((each) => !isConsul(each))],
    ["providers-consul", "terraform-provider-consul", PROVIDERS.filter(isConsul)],
  ] as const;

  /** A cache with the stamps of what was built before there were revisions, written out as they were made then. */
  function built() {
    const context = fakeContext(() => undefined);
    Object.assign(context.cache, { freeGiB: () => 5 });
    for (const [name, folder, providers] of workshops) {
      const key = keyOf(moduleKey(join(PROVISION, folder)), JSON.stringify(providers), JSON.stringify(HOSTS));
      mkdirSync(context.cache.path("stamps"), { recursive: true });
      writeFileSync(context.cache.path("stamps", name), key);
    }
    return context;
  }

  test("is not built again where its stamp is from before there were revisions", async () => {
    const context = built();
    await provideProviders(context, "mirror", "terraform");
    expect(context.calls).toEqual([]);
  });

  test.each(workshops.map(([name]) => name))("is built where its stamp says something else: %s", async (name) => {
    const context = built();
    writeFileSync(context.cache.path("stamps", name), OLD_KEY);
    await expect(provideProviders(context, "mirror", "terraform")).rejects.toThrow("go");
    expect(context.calls).toEqual(["go version"]);
  });

  test("is rebuilt under a raised number, and of another module", () => {
    const folder = fakeContext(() => undefined).cache.subfolder("module");
    writeFileSync(join(folder, "go.mod"), "module x");
    const workshop = { revision: 1, what: "x", folder, packages: ["."], aboutSeconds: 1, providers: PROVIDERS };
    const stamp = stampText(workshop);
    expect(stampText({ ...workshop, what: "reworded", aboutSeconds: 2 })).toBe(stamp);
    expect(stampText({ ...workshop, revision: 2 })).not.toBe(stamp);
    expect(moduleKey(folder)).toBe(keyOf("go.mod", "module x", process.arch));
    writeFileSync(join(folder, "go.mod"), "module x\n\ngo 1.25.7");
    expect(stampText(workshop)).not.toBe(stamp);
  });
});
