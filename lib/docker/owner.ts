/** Whose a Docker resource is: what its name begins with and the labels by which it is found again. */
export interface Owner {
  /** The platform; value of the label `rollcall.instance`. */
  readonly instance: string;
  /** Put before each name, so that two platforms can stand on one host. "" for the names of the design. */
  readonly prefix: string;
  /** The stack that made it; value of the label `rollcall`. */
  readonly stack: string;
}

/** The label that says which stack made a container, network or volume. */
export const STACK_LABEL = "rollcall";

/** The label that says which platform a container, network or volume belongs to. */
export const INSTANCE_LABEL = "rollcall.instance";

/** The two labels that everything carries; `down` removes exactly what has them. */
export function labelsOf(owner: Owner): { label: string; value: string }[] {
  return [
    { label: STACK_LABEL, value: owner.stack },
    { label: INSTANCE_LABEL, value: owner.instance },
  ];
}
