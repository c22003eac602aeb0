import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "../lib/user-error.js";
import type { Context } from "./context.js";
import { aptInstall } from "./debian.js";

/**
 * Sees to it that debootstrap can verify the archive's signature. With the release's keyring it refuses what is not
 * signed by it; where the keyring is missing it only warns, and takes any package. (Its `--force-check-gpg` comes to
 * the same. It would change the key of each recipe, and with it every image that is there.)
 * @param suite the release, as debootstrap's script for it is called
 * @param root where the files of the system are
 */
export async function requireKeyring(context: Context, suite: string, root = "/"): Promise<void> {
  const script = join(root, "usr/share/debootstrap/scripts", suite);
  if (!existsSync(script)) await aptInstall(context, "debootstrap", "gpgv");
  const keyring = existsSync(script) ? keyringIn(readFileSync(script, "utf8")) : undefined;
  if (keyring === undefined)
    throw new UserError(
      `debootstrap knows no keyring that the packages of ${suite} could be verified with`,
      "Build the images on a release that it knows, or load them into Docker yourself.",
    );
  if (existsSync(join(root, keyring))) return;
  await aptInstall(context, packageOf(keyring));
  if (existsSync(join(root, keyring))) return;
  throw new UserError(
    `The packages of ${suite} cannot be verified: ${keyring} is missing`,
    "Install the keyring of this release: unverified packages become no image.",
  );
}

/** The keyring that a script of debootstrap names; undefined where it names none. */
export function keyringIn(script: string): string | undefined {
  return /^\s*keyring (\/\S+)/m.exec(script)?.[1];
}

/** The package that brings a keyring. */
function packageOf(keyring: string): string {
  const name = basename(keyring, ".gpg");
  return name === "ubuntu-archive-keyring" ? "ubuntu-keyring" : name;
}
