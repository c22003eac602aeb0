/** Stands in an address or a URL for the short name of the service. */
export const NAME = "{name}";

/** Whose address or URL it is. */
export interface Whose {
  /** The service's name. */
  readonly name: string;
  /** The instance's id; the service's name where it has one instance. */
  readonly id: string;
}

/** What `{name}` stands for: `billing` for `billing_service`, `vector-db` for `vector_db_grpc_service`. */
export function shortName(service: string): string {
  return service.replace(/(?:_grpc)?_service$/, "").replaceAll("_", "-");
}

/** An address or a URL as it is for an instance: `isa-billing` of `isa-{name}`, `orders-a.example.com` of `{id}.example.com`. */
export function filledFor({ name, id }: Whose, text: string): string {
  return text.replace(/\{(name|id)\}/g, (_, which) => (which === "name" ? shortName(name) : id));
}

/** Whether a text has a placeholder in it. */
export function hasPlaceholder(text: string): boolean {
  return /\{(?:name|id)\}/.test(text);
}
