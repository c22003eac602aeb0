import { join, relative } from "node:path";
import { LocalBackend } from "cdktf";
import type { Backend } from "./backend";

/**
 * A file a stack in the settings' state folder, which only this machine reads. Its path is relative to the folder in
 * which Terraform runs: the clone may be moved.
 */
export const localBackend: Backend = (stack, id, { outdir, stateFolder }) => {
  new LocalBackend(stack, { path: join(relative(join(outdir, "stacks", id), stateFolder), `${id}.tfstate`) });
};
