import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

const IMPORT = /(?:from|import|require)\s*\(?\s*"(\.[^"]+)"/g;

/** Which files of this clone a file imports, and what these import, and so on. */
export class Imports {
  private readonly direct = new Map<string, readonly string[]>();

  constructor(private readonly root: string) {}

  /** All that these files load, themselves among it; paths from the root. */
  closure(files: readonly string[]): ReadonlySet<string> {
    const found = new Set(files);
    // A set is read to its end, also what is added on the way.
    for (const file of found) for (const imported of this.of(file)) found.add(imported);
    return found;
  }

  private of(file: string): readonly string[] {
    const known = this.direct.get(file);
    if (known !== undefined) return known;
    const text = /\.[cm]?[jt]s$/.test(file) ? readFileSync(join(this.root, file), "utf8") : "";
    const imported = [...text.matchAll(IMPORT)].flatMap(([, target = ""]) => this.resolve(file, target));
    this.direct.set(file, imported);
    return imported;
  }

  private resolve(from: string, target: string): readonly string[] {
    const path = join(this.root, dirname(from), target);
    const found = [path.replace(/\.js$/, ".ts"), path].find((each) => existsSync(each));
    return found === undefined ? [] : [relative(this.root, found).split(sep).join("/")];
  }
}
