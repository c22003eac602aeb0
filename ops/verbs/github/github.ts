import { z } from "zod";
import type { GitHubSettings } from "../../../lib/settings.js";
import { UserError } from "../../../lib/user-error.js";

/** What GitHub takes in one comment or issue, in characters. */
const LONGEST = 65_536;
/** As many pages of 100 as are looked through for what an earlier run wrote. */
const PAGES = 20;

const written = { body: z.string().nullish(), user: z.object({ type: z.string() }).nullish() };
const commentsSchema = z.array(z.object({ id: z.number(), ...written }));
const issuesSchema = z.array(z.object({ number: z.number(), pull_request: z.unknown().optional(), ...written }));

/** Something that somebody wrote on GitHub, as far as it is looked for. */
interface Written {
  readonly body?: string | null | undefined;
  readonly user?: { readonly type: string } | null | undefined;
  /** There where an issue is a pull request. */
  readonly pull_request?: unknown;
}

/** A repository on GitHub: one comment on a pull request and one issue, each found again by a mark in its text. */
export class GitHub {
  constructor(private readonly settings: GitHubSettings) {}

  /**
   * Writes the comment, or updates the one that is there.
   * @param isNews whether it is worth a new comment; an earlier one is updated in any case
   */
  async comment(pullRequest: number, mark: string, text: string, isNews: boolean): Promise<void> {
    const body = `${mark}\n${text}`.slice(0, LONGEST);
    const path = `issues/${pullRequest}/comments`;
    const earlier = await this.find(path, commentsSchema, mark);
    if (earlier !== undefined) await this.call("PATCH", `issues/comments/${earlier.id}`, { body });
    else if (isNews) await this.call("POST", path, { body });
  }

  /** Opens the issue, or updates the one that is open. @param text undefined closes it */
  async issue(mark: string, title: string, text: string | undefined): Promise<void> {
    const earlier = await this.find("issues?state=open", issuesSchema, mark);
    const body = `${mark}\n${text ?? ""}`.slice(0, LONGEST);
    if (text === undefined) {
      if (earlier !== undefined) await this.call("PATCH", `issues/${earlier.number}`, { state: "closed" });
    } else if (earlier === undefined) await this.call("POST", "issues", { title, body });
    else await this.call("PATCH", `issues/${earlier.number}`, { body });
  }

  /** What a job wrote earlier: a person who writes the mark keeps what is theirs. */
  private async find<T extends Written>(
    path: string,
    schema: z.ZodType<readonly T[]>,
    mark: string,
  ): Promise<T | undefined> {
    for (let page = 1; page <= PAGES; page++) {
      const query = `${path.includes("?") ? "&" : "?"}per_page=100&page=${page}`;
      const listed = schema.parse(await this.call("GET", `${path}${query}`));
      const found = listed.find(
        ({ body, user, pull_request }) =>
          body?.startsWith(mark) === true && user?.type === "Bot" && pull_request === undefined,
      );
      if (found !== undefined || listed.length < 100) return found;
    }
    return undefined;
  }

  private async call(method: string, path: string, body?: object): Promise<unknown> {
    const { apiUrl, repository, token } = this.settings;
    const answer = await fetch(`${apiUrl}/repos/${repository}/${path}`, {
      method,
      headers: { accept: "application/vnd.github+json", authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    }).catch((error: unknown) => {
      throw new UserError(
        `GitHub cannot be reached: ${error instanceof Error ? error.message : error}`,
        "Run it again.",
      );
    });
    if (answer.ok) return answer.json();
    throw new UserError(
      `GitHub answered ${answer.status} to ${method} ${path.split("?")[0]}`,
      "Look at the permissions of the workflow's token.",
    );
  }
}
