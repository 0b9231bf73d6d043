type Version = readonly [major: number, minor: number, patch: number];

/**
 * Whether a version is of a range as our package.json writes it: `^22.18.0 || ^24.11.0 || >=26.0.0`. Carets and
 * at-leasts between double bars are all of the language we use; anything else throws, as it is our own mistake.
 */
export function versionFits(version: string, range: string): boolean {
  const have = versionOf(version);
  return range.split("||").some((part) => {
    const match = /^(\^|>=)(.+)$/.exec(part.trim());
    if (match === null) throw new Error(`a range that is not understood: ${part}`);
    const least = versionOf(match[2] ?? "");
    return compare(have, least) >= 0 && (match[1] === ">=" || have[0] === least[0]);
  });
}

function versionOf(text: string): Version {
  const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(text.trim());
  if (match === null) throw new Error(`a version that is not understood: ${text}`);
  return [Number(match[1]), Number(match[2]), Number(match[3])];
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
