import * as z from "zod";

const mount = z.object({ host_path: z.string().default(""), container_path: z.string().default("") });

/** The arguments of a `docker_container` that policies judge, with what the provider assumes where nothing is said. */
export const containerSchema = z.object({
  name: z.string(),
  image: z.string(),
  start: z.boolean().default(true),
  user: z.string().default(""),
  read_only: z.boolean().default(false),
  privileged: z.boolean().default(false),
  capabilities: z.object({ add: z.array(z.string()).default([]), drop: z.array(z.string()).default([]) }).default({
    add: [],
    drop: [],
  }),
  security_opts: z.array(z.string()).default([]),
  memory: z.number().default(0),
  memory_swap: z.number().default(0),
  log_driver: z.string().default(""),
  log_opts: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.object({ external: z.number().optional(), ip: z.string().default("0.0.0.0") })).default([]),
  volumes: z.array(mount).default([]),
  mounts: z.array(z.object({ source: z.string().default("") })).default([]),
  env: z.array(z.string()).default([]),
});

/** The same of a `docker_volume`. */
export const volumeSchema = z.object({
  name: z.string(),
  lifecycle: z.object({ prevent_destroy: z.boolean().default(false) }).default({ prevent_destroy: false }),
});

/** The same of a `docker_image`. */
export const imageSchema = z.object({ name: z.string() });

/** A container, volume or image that the program is about to declare. */
export type Resource = { readonly stack: string; readonly address: string } & (
  | { readonly kind: "container"; readonly is: Readonly<z.output<typeof containerSchema>> }
  | { readonly kind: "volume"; readonly is: Readonly<z.output<typeof volumeSchema>> }
  | { readonly kind: "image"; readonly is: Readonly<z.output<typeof imageSchema>> }
);

/** A container's arguments. */
export type ContainerArguments = Readonly<z.output<typeof containerSchema>>;
