import { UserError } from "../../lib/user-error.js";
import { ConsulApi } from "../../ops/consul/api/consul-api.js";
import type { ConsulRequest, ConsulResponse, ConsulTransport } from "../../ops/consul/api/transport.js";

/** What the fake gives to a request: a status with a text, or anything else as the JSON of a 200. */
export type Given = { readonly status: number; readonly text: string } | unknown;

/** A Consul without a way to it: each request gets what the function gives, and what went wrong is told plainly. */
export class FakeTransport implements ConsulTransport {
  readonly requests: ConsulRequest[] = [];

  constructor(private readonly give: (call: string) => Given) {}

  async send(request: ConsulRequest): Promise<ConsulResponse> {
    this.requests.push(request);
    const given = this.give(`${request.method} ${request.path}`);
    if (given instanceof Error) throw given;
    const isPlain = typeof given === "object" && given !== null && "text" in given && "status" in given;
    const text = isPlain ? String(given.text) : JSON.stringify(given ?? null);
    return { status: isPlain ? Number(given.status) : 200, headers: {}, body: Buffer.from(text) };
  }

  unreachable(why: string): UserError {
    return new UserError(`Consul does not answer: ${why}`);
  }

  refused(said: string): UserError {
    return new UserError(`Consul refuses: ${said}`);
  }

  /** What was asked: `GET /v1/…`. */
  get calls(): readonly string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }
}

/** A Consul that answers these calls (`GET /v1/…`); writes that are not among them get `true`. */
export function fakeConsul(answers: Readonly<Record<string, Given>>): { consul: ConsulApi; transport: FakeTransport } {
  const transport = new FakeTransport((call) => (call in answers ? answers[call] : true));
  return { consul: new ConsulApi(transport, { token: "own" }), transport };
}
