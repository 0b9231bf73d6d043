import { postDigests } from "../../commands/post-digests.ts";
import { runJob } from "../../commands/run-job.ts";
import { showDigest } from "../../commands/show-digest.ts";
import { type DigestFacts, digestLines, figuresOf } from "../../core/digest.ts";
import { shownNeeds } from "../../core/need.ts";
import { byHand } from "./by-hand.ts";
import type { Cli, VerbGroup } from "./cli.ts";
import { conclude, isoTime, printJson, printLine, printRefusal } from "./print.ts";
import { collect } from "./read-arguments.ts";

interface Options {
  readonly window?: string;
  readonly lane?: readonly string[];
  readonly post?: boolean;
  readonly json?: boolean;
}

export const digestVerb: VerbGroup = (program, cli) => {
  program
    .command("digest")
    .description("show what an hour's work came to, or any other window's")
    .option("--window <window>", "30m, 24h, 7d, or FROM/TO such as 2026-03-30T09:00/2026-03-30T17:00", "1h")
    .option("--lane <name>", "count this lane alone; may be said more than once", collect)
    .option("--post", "first tell the channels what the hourly job would tell them now")
    .option("--json", "print JSON: {from, to, figures, before, refusals, needs}")
    .action(({ window = "1h", lane, post, json }: Options) =>
      cli.inHouse(async (house) => {
        if (post === true) {
          const run = await runJob(house, byHand("digest", cli), () => postDigests(house));
          if (!run.ok) return printRefusal(cli, run.refusal);
        }
        const zone = house.timezone;
        const shown = await showDigest(house, { window, lanes: lane ?? null, zone });
        return conclude(cli, shown, (digest) => print(cli, digest, zone, json));
      }),
    );
};

function print(cli: Cli, digest: DigestFacts, zone: string, json: boolean | undefined): void {
  if (json !== true) {
    printLine(cli, digestLines(digest, zone).join("\n"));
    return;
  }
  const { window, counts, before, needs } = digest;
  printJson(cli, {
    from: isoTime(window.from),
    to: isoTime(window.to),
    figures: figuresOf(counts),
    before: figuresOf(before),
    refusals: counts.refusals,
    needs: { counts: needs.counts, items: shownNeeds(needs, digest.now, zone) },
  });
}
