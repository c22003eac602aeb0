import { platform } from "./platform.js";

const place = () => `http://127.0.0.1:${platform().httpPort}/v1/snapshot`;

/** Everything that Consul holds, as its leader gives it. */
export async function snapshotOf(token: string): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetch(place(), { headers: { "X-Consul-Token": token } });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** Puts Consul back to it. */
export async function restoreSnapshot(token: string, snapshot: Uint8Array<ArrayBuffer>): Promise<void> {
  const answer = await fetch(place(), { method: "PUT", body: snapshot, headers: { "X-Consul-Token": token } });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
}
