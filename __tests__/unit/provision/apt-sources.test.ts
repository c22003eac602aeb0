import { mainArchive, parseAptSources } from "../../../provision/apt-sources.js";

const PARAGRAPHS = `# made by the installer
Types: deb deb-src
# URIs: http://old.example/debian
URIs: http://archive.example/debian http://second.example/debian
Suites: bookworm bookworm-updates
Components: main
 contrib
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb
URIs: http://archive.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
`;

const LINES = `# deb http://commented.example/ubuntu noble main
deb [arch=amd64 signed-by=/x.gpg] http://archive.example/ubuntu noble main restricted
deb http://archive.example/ubuntu noble universe # more
deb http://archive.example/ubuntu noble-updates main
deb-src http://archive.example/ubuntu noble main
deb http://flat.example/repository ./
`;

const paragraphs = parseAptSources([{ name: "debian.sources", text: PARAGRAPHS }]);
const lines = parseAptSources([{ name: "sources.list", text: LINES }]);

test("a paragraph gives one source for each of its suites, at its first address", () => {
  expect(paragraphs.map(({ uri, suite }) => `${uri} ${suite}`)).toEqual([
    "http://archive.example/debian bookworm",
    "http://archive.example/debian bookworm-updates",
    "http://archive.example/debian-security bookworm-security",
  ]);
  expect(paragraphs[0]?.components).toEqual(["main", "contrib"]);
});

test("a line gives one source, whatever options stand in it, and comments give none", () => {
  expect(lines.map(({ uri, suite, components }) => [uri, suite, ...components].join(" "))).toEqual([
    "http://archive.example/ubuntu noble main restricted",
    "http://archive.example/ubuntu noble universe",
    "http://archive.example/ubuntu noble-updates main",
  ]);
});

test("the main archive is the release itself, with all of its components", () => {
  expect(mainArchive(paragraphs, "bookworm")).toMatchObject({ suite: "bookworm", components: ["main", "contrib"] });
  expect(mainArchive(lines, "noble")).toEqual({
    uri: "http://archive.example/ubuntu",
    suite: "noble",
    components: ["main", "restricted", "universe"],
  });
});

test("somebody else's packages, updates and backports are no main archive", () => {
  const foreign = parseAptSources([
    {
      name: "sources.list",
      text: "deb http://node.example/n nodistro main\ndeb http://a.example/d bookworm-backports main\n",
    },
  ]);
  expect(mainArchive(foreign, "bookworm")).toBeUndefined();
});

test("a machine that follows stable is installed from stable", () => {
  const stable = parseAptSources([{ name: "sources.list", text: "deb http://a.example/debian stable main" }]);
  expect(mainArchive(stable, "bookworm")?.suite).toBe("stable");
});
