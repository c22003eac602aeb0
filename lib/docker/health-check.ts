/** A container's health check: healthy while its program answers this URL with 2xx. */
export function asked(url: string): string[] {
  // No "wget -T": the busybox of Debian 12 crashes on it.
  return ["CMD", "busybox", "timeout", "5", "busybox", "wget", "-q", "-O", "-", url];
}
