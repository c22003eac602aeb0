/** What a server's answer says about it. */
export interface ServerState {
  readonly status: "passing" | "warning" | "critical";
  /** In words of our own, with nothing of the server's but a code. */
  readonly says: string;
  /** The code of the error that it answered with. */
  readonly code?: string;
  /** What it says about that error. */
  readonly message?: string;
}
