/**
 * The address with this last number in a /24, e.g. `addressIn("172.30.241.0/24", 11)` is `172.30.241.11`.
 * Numbers below 128 are ours to give: Docker takes its own from the upper half (see `Network`).
 */
export function addressIn(subnet: string, last: number): string {
  return subnet.replace(/\d+\/24$/, String(last));
}
