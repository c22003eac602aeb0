import { exits, verb } from "../verb.js";

export const silence = verb("silence", "Have nobody told of a service, or of an alert, for a time", [
  'Such as `rollcall silence billing_service 2h "moving its database"`. It needs `monitoring: on`.',
])
  .argument("[what]", "a service, or an alert such as HostDisk")
  .argument("[for]", "how long: 30m, 2h, 3d; 30 days at most")
  .argument("[why...]", "what whoever wonders should know")
  .option("--list", "show what is silenced, and until when")
  .option("--end <id>", "end a silence before its time")
  .action(
    exits(async (what, duration, why, options) =>
      (await import("../../verbs/silence.js")).silence(what, duration, why, options),
    ),
  );
