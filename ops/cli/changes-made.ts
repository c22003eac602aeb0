const changes: string[] = [];

/** Remembers what this run has changed of the platform, in words: the audit log tells of it when the run ends. */
export function changed(what: string): void {
  changes.push(what);
}

/** What this run has changed so far. */
export function changesMade(): readonly string[] {
  return changes;
}
