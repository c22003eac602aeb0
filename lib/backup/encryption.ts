import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { UserError } from "../user-error.js";

/** How every file in the age format begins (age-encryption.org/v1). */
const INTRODUCTION = "age-encryption.org/v1\n";

/** A key pair in the words of `age`: the recipient is public and encrypts, the identity is secret and decrypts. */
export interface KeyPair {
  readonly recipient: string;
  readonly identity: string;
}

/** A new pair of X25519 keys, which every version of the public `age` tool knows. */
export async function newKeyPair(): Promise<KeyPair> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** The recipient of an identity. */
export function recipientOf(identity: string): Promise<string> {
  return identityToRecipient(identity);
}

/**
 * Encrypts so that each of the recipients alone can read it: `age -d -i IDENTITY FILE` does.
 * @throws UserError where one is no recipient
 */
export async function encryptTo(recipients: readonly string[], clear: Uint8Array): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  for (const recipient of recipients)
    try {
      encrypter.addRecipient(recipient);
    } catch {
      throw new UserError(
        `ROLLCALL_BACKUP_RECIPIENT has ${JSON.stringify(recipient)}, which is no age recipient`,
        "It is the line `# public key: age1…` of a key file; `npx rollcall backup --new-key FILE` makes one.",
      );
    }
  return encrypter.encrypt(clear);
}

/** The identities in a key file as `age-keygen` and `npx rollcall backup --new-key` write it: a line each. */
export function identitiesIn(keyFile: string): readonly string[] {
  return keyFile.split(/\r?\n/).filter((line) => line.startsWith("AGE-SECRET-KEY-"));
}

/**
 * Decrypts a file with whichever identity fits.
 * @param name of the file, for whoever reads the message
 * @throws UserError where it is no such file, none fits, or one bit of it is not as it was written
 */
export async function decryptWith(
  identities: readonly string[],
  encrypted: Uint8Array,
  name: string,
): Promise<Uint8Array> {
  if (Buffer.from(encrypted.subarray(0, INTRODUCTION.length)).toString("latin1") !== INTRODUCTION)
    throw new UserError(
      `${name} is not a backup: it is not encrypted with age`,
      "Name a file that `npx rollcall backup` wrote.",
    );
  const decrypter = new Decrypter();
  for (const identity of identities)
    try {
      decrypter.addIdentity(identity);
    } catch {
      throw new UserError(
        "The file of ROLLCALL_BACKUP_IDENTITY has an identity that is not whole",
        "Take it from where you keep a copy of it.",
      );
    }
  try {
    return await decrypter.decrypt(encrypted);
  } catch (error) {
    if (error instanceof Error && /no identity matched/.test(error.message))
      throw new UserError(
        `${name} is encrypted to another key than the one in ROLLCALL_BACKUP_IDENTITY`,
        "Name the key file that belongs to the recipient with which it was made.",
      );
    throw new UserError(
      `${name} is damaged: it ends too early, or was changed after it was written`,
      "Take another backup: `npx rollcall backup --list` shows all.",
    );
  }
}
