import { aboutRunning } from "./policy.js";

/** A container runs as a user by number, and not as root: a name may be root in another image. */
export const nonRoot = aboutRunning(
  "non-root",
  ({ user }) =>
    /^[1-9]\d*:[1-9]\d*$/.test(user) ? undefined : `it runs as ${user === "" ? "the image's user" : user}`,
  "give user as uid:gid in numbers, neither of them 0",
);
