/** A number with what it counts, such as `1 container` and `2 containers`. Pure. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
