import { isRenewalDue } from "../../../../../ops/platform/remembered/renewal.js";

const END = "2026-12-31T00:00:00Z";

function stateWith(type: string) {
  const attributes = { validity_end_time: END, early_renewal_hours: 720 };
  return {
    version: 4 as const,
    serial: 1,
    outputs: {},
    resources: [{ mode: "managed", type, instances: [{ attributes }] }],
  };
}

test.each([
  ["tls_locally_signed_cert", "2026-11-30T23:59:59Z", false],
  ["tls_locally_signed_cert", "2026-12-01T00:00:00Z", true],
  ["tls_self_signed_cert", "2026-12-01T00:00:00Z", true],
  ["docker_container", "2027-01-01T00:00:00Z", false],
])("a %s at %s: renewal is due %s", (type, now, isDue) => {
  expect(isRenewalDue(stateWith(type), Date.parse(now))).toBe(isDue);
});
