import type { Policy } from "./policy.js";

/** An image is named with a version or a digest: what runs changes by a commit, not by somebody's push. */
export const pinnedImage: Policy = {
  id: "pinned-image",
  judge: (resource) => {
    const name = resource.kind === "image" ? resource.is.name : resource.kind === "container" ? resource.is.image : "";
    // A container refers to its docker_image, which is judged itself.
    if (name === "" || name.startsWith("${docker_image.") || /@sha256:[0-9a-f]{64}$/.test(name)) return undefined;
    const tag = /:([\w.-]+)$/.exec(name)?.[1];
    return tag === undefined || tag === "latest" ? `the image ${name} is not pinned` : undefined;
  },
  remedy: "name a version or a digest in lib/docker/images.ts",
};
