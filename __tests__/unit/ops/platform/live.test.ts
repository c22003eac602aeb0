import { UserError } from "../../../../lib/user-error.js";
import { ConsulApi } from "../../../../ops/consul/api/consul-api.js";
import { type Live, untilLed } from "../../../../ops/platform/live.js";
import { untilGood } from "../../../../ops/platform/until-services-pass.js";
import { FakeTransport } from "../../../support/fake-consul.js";

/** Consul, whose answers to who leads are these, the last one again and again. */
function consul(...answers: readonly (string | Error)[]): ConsulApi {
  const left = [...answers];
  return new ConsulApi(new FakeTransport(() => (left.length > 1 ? left.shift() : left[0])));
}

const NO_ANSWER = new UserError("Consul does not answer through the gateway: 502", "");

test("an election, and a gateway that does not answer yet, are waited for", async () => {
  await expect(untilLed(consul("", NO_ANSWER, "10.0.0.1:8300"), 10)).resolves.toBeUndefined();
});

test("where nobody comes to lead, the error says what was seen last and what to do", async () => {
  const told = untilLed(consul(NO_ANSWER), 0);
  await expect(told).rejects.toThrow("gateway: 502 (for 0 s)");
  await expect(told).rejects.toMatchObject({ remedy: expect.stringContaining("npx rollcall up") });
  await expect(untilLed(consul(""), 0)).rejects.toThrow("it has no leader");
});

describe("what runs is looked at until it stands as declared", () => {
  const good: Live = { findings: [], refusals: [] };
  const looks = (...each: readonly (Live | Error)[]) => {
    const left = [...each];
    return async () => {
      const next = left.shift() ?? good;
      if (next instanceof Error) throw next;
      return next;
    };
  };

  test("an election in between is waited for", async () => {
    await expect(untilGood(40, looks(NO_ANSWER, good))).resolves.toBe(good);
  });

  test("a fault of ours is not", async () => {
    await expect(untilGood(40, looks(new TypeError("ours")))).rejects.toThrow(TypeError);
  });
});

test("a fault of ours is no reason to wait", async () => {
  await expect(untilLed(consul(new TypeError("ours")), 10)).rejects.toThrow(TypeError);
});
