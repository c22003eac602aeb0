import type { ContainerHealthcheck } from "@cdktf/provider-docker/lib/container/index.js";
import { CONFIG } from "../paths.js";
import { ANSWERS, ROTATE_AUDIT, TAKE_ANEW } from "../scripts/read-script.js";

const TIMES = { interval: "5s", timeout: "10s", retries: 6 } as const;

/** The health check of a container that carries `take-anew.sh` and `healthy.sh`: takes new secrets first, then asks. */
export const TAKE_ANEW_AND_CHECK: ContainerHealthcheck = {
  test: ["CMD", "/bin/sh", `${CONFIG}/${TAKE_ANEW}`, `${CONFIG}/healthy.sh`],
  ...TIMES,
};

/** The same of a program that is asked by one URL (`ANSWERS_AT`): it carries `answers.sh`. */
export const TAKE_ANEW_AND_ASK: ContainerHealthcheck = {
  test: ["CMD", "/bin/sh", `${CONFIG}/${TAKE_ANEW}`, `${CONFIG}/${ANSWERS}`],
  ...TIMES,
};

/** The same of a door, which keeps its audit log bounded besides: it carries `auditFiles` too. */
export const TAKE_ANEW_ROTATE_AND_CHECK: ContainerHealthcheck = {
  test: ["CMD", "/bin/sh", `${CONFIG}/${TAKE_ANEW}`, `${CONFIG}/${ROTATE_AUDIT}`, `${CONFIG}/healthy.sh`],
  ...TIMES,
};
