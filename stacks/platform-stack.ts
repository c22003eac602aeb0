import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { placeState } from "../lib/backend/backend.js";
import { consulImage, type ImageName, imageRef } from "../lib/docker/images.js";
import type { Owner } from "../lib/docker/owner.js";
import type { Settings } from "../lib/settings.js";

/**
 * The bindings pin 3.6.2, whose *plan* deletes a stopped container; 4.x starts it in place. Design: never below 4.0.
 */
const DOCKER_PROVIDER_VERSION = "4.5.0";

/** A stack with Docker resources in it: its state's place, its provider, its owner. */
export class PlatformStack extends TerraformStack {
  readonly owner: Owner;
  readonly settings: Settings;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.settings = settings;
    this.owner = { instance: settings.instance, prefix: settings.prefix, stack: id };
    placeState(this, id, settings);
    new DockerProvider(this, "docker");
    this.addOverride("terraform.required_providers.docker.version", DOCKER_PROVIDER_VERSION);
  }

  /** The id of one of the platform's images on the Docker host; pulled where it is an official one. */
  image(name: ImageName): string {
    const wanted = name === "consul" ? consulImage(this.settings.consulVersion) : name;
    return new Image(this, `${name}-image`, {
      name: imageRef(wanted, this.settings.images ?? "official"),
      keepLocally: true,
    }).imageId;
  }
}
