import { IMAGE_NAMES, type ImageName, type ImageSource, imageRef } from "../lib/docker/images.js";
import { CommandFailed } from "../lib/process.js";
import { UserError } from "../lib/user-error.js";
import type { Context } from "./context.js";
import { describe, describeSetting, type ProviderSource, readDecisions, remember } from "./decisions.js";
import { explain, isDiskFull, lastWord } from "./failures.js";
import { probeProviders } from "./probe.js";

// A registry that has not named the image by then is behind a network that swallows packets.
const FIRST_ANSWER_SECONDS = 60;

/**
 * Decides once where images come from and remembers it: what the engine has already; else what the image registry
 * gives (the probe is the download itself); else, where no registry can be reached, what is built here.
 */
export async function decideImages(context: Context, setting?: ImageSource): Promise<ImageSource> {
  if (setting !== undefined) {
    context.report(describeSetting("images", setting, "ROLLCALL_IMAGES"));
    return setting;
  }
  const earlier = readDecisions(context.cache).images;
  const decision = earlier ?? { ...(await probeImages(context)), when: new Date().toISOString() };
  if (earlier === undefined) remember(context.cache, { images: decision });
  context.report(describe("images", decision, "ROLLCALL_IMAGES"));
  return decision.choice;
}

/** Decides once where Terraform gets providers and remembers it. */
export async function decideProviders(
  context: Context,
  terraform: string,
  setting?: ProviderSource,
): Promise<ProviderSource> {
  if (setting !== undefined) {
    context.report(describeSetting("providers", setting, "ROLLCALL_PROVIDERS"));
    return setting;
  }
  const earlier = readDecisions(context.cache).providers;
  const decision = earlier ?? { ...(await probeProviders(context, terraform)), when: new Date().toISOString() };
  if (earlier === undefined) remember(context.cache, { providers: decision });
  context.report(describe("providers", decision, "ROLLCALL_PROVIDERS"));
  return decision.choice;
}

async function probeImages(context: Context): Promise<{ choice: ImageSource; why: string }> {
  for (const choice of ["official", "built"] as const) {
    if ((await missingImages(context, choice, IMAGE_NAMES)).length === 0) return { choice, why: "the engine has them" };
  }
  const unreachable = await pullOfficial(context);
  return unreachable === undefined
    ? { choice: "official", why: "the image registry has them" }
    : { choice: "built", why: `no image registry: ${unreachable}` };
}

/** The references of that source that the engine lacks. */
async function missingImages(
  context: Pick<Context, "run">,
  source: ImageSource,
  names: readonly ImageName[],
): Promise<string[]> {
  const refs = names.map((name) => imageRef(name, source));
  const there = await Promise.all(
    refs.map((ref) =>
      context.run("docker", ["image", "inspect", "--format", "{{.Id}}", ref]).then(
        () => true,
        (error: unknown) => {
          if (error instanceof CommandFailed && /no such image/i.test(error.text)) return false;
          throw explain(error, "asking Docker for its images");
        },
      ),
    ),
  );
  return refs.filter((_, index) => !there[index]);
}

/**
 * Downloads the official images that are missing. Gives the registry's absence as the tool put it, so that the
 * caller can build instead; any other failure is the user's to fix and is thrown.
 */
export async function pullOfficial(
  context: Context,
  names: readonly ImageName[] = IMAGE_NAMES,
): Promise<string | undefined> {
  let reached = false;
  for (const ref of await missingImages(context, "official", names)) {
    context.report(`image ${ref}: downloading`);
    const impatience = new AbortController();
    const timer = setTimeout(() => impatience.abort(), FIRST_ANSWER_SECONDS * 1000);
    const onLine = (line: string) => {
      // Docker says this once the registry has handed over the image's description.
      if (/pulling from/i.test(line)) {
        reached = true;
        clearTimeout(timer);
      }
    };
    try {
      await context.run("docker", ["pull", ref], { onLine, signal: impatience.signal });
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      if (impatience.signal.aborted) return "no answer in time";
      if (reached || error.reason !== "exit" || !meansUnreachable(error.text)) throw refusal(error, ref);
      return lastWord(error.lines).replace(/^Error response from daemon: /, "");
    } finally {
      clearTimeout(timer);
    }
  }
  return undefined;
}

// Everything that is not an answer of the registry, the engine or the disk is the network's doing.
function meansUnreachable(text: string): boolean {
  return !isDiskFull(text) && !/cannot connect to the docker daemon|permission denied/i.test(text) && !answered(text);
}

function answered(text: string): boolean {
  return /toomanyrequests|rate limit|manifest unknown|not found: |no matching manifest|access denied|unauthorized/i.test(
    text,
  );
}

function refusal(error: CommandFailed, ref: string): unknown {
  if (!answered(error.text) || isDiskFull(error.text)) return explain(error, `downloading the image ${ref}`);
  return new UserError(
    `the image registry does not give ${ref}: ${lastWord(error.lines)}`,
    "Run `docker login`, wait until the limit has passed, or set ROLLCALL_IMAGES=built to build the images here.",
  );
}
