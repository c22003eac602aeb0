import { exits, verb } from "../verb.js";

export const github = verb("github", "Report to GitHub from a job: the diff as a comment, drift as an issue")
  .addCommand(
    verb("comment", "Post the diff as one comment on a pull request, updated in place")
      .requiredOption("--pull-request <number>", "the pull request")
      .option("--against <ref>", "with --of: between two commits, without a platform")
      .option("--of <ref>", "the newer of the two commits")
      .action(exits(async (options) => (await import("../../verbs/github.js")).comment(options))),
  )
  .addCommand(
    verb("drift", "Post drift as one issue, closed when it is gone").action(
      exits(async () => (await import("../../verbs/github.js")).driftIssue()),
    ),
  );
