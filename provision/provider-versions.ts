/** A Terraform provider that the stacks use. */
export interface Provider {
  readonly name: string;
  /** As `required_providers` names it. */
  readonly source: string;
  readonly version: string;
  /** The program that `go build` makes of it: the last part of its module's path. */
  readonly binary: string;
}

function provider(source: string, version: string): Provider {
  const name = source.slice(source.indexOf("/") + 1);
  return { name, source, version, binary: `terraform-provider-${name}` };
}

/** Every provider once, with the one version that is used, whether it is downloaded or built. */
export const PROVIDERS: readonly Provider[] = [
  provider("kreuzwerker/docker", "4.5.0"),
  provider("hashicorp/random", "3.7.2"),
  provider("hashicorp/tls", "4.1.0"),
  provider("hashicorp/consul", "2.22.1"),
];
