import { type Command, InvalidArgumentError } from "commander";
import { grantRole, revokeRole } from "../../commands/grant-role.ts";
import { partAccount } from "../../commands/link-account.ts";
import { type Grantee, granteeName, readGrantee } from "../../core/grant.ts";
import { ROLES, type Role } from "../../core/role.ts";
import type { GrantRecord } from "../../ports/roles.ts";
import type { Cli, VerbGroup } from "./cli.ts";
import { conclude, isoTime, printJson, printLine, printTable } from "./print.ts";

interface Json {
  readonly json?: boolean;
}

const WHOM = "PLATFORM:ID of a person, or PLATFORM:group:ID of a Slack user group or Discord role";

export const roleVerbs: VerbGroup = (program, cli) => {
  const role = program
    .command("role")
    .description("say who may do what in a chat, by the platform's own ids");
  grantVerb(role, cli);
  linkVerbs(role, cli);
  role
    .command("revoke")
    .description("take a given role back; everybody may still look")
    .argument("<whom>", WHOM, readWhom)
    .option("--json", "print what was taken back as JSON")
    .action((whom: Grantee, { json }: Json) =>
      cli.inHouse(async (house) =>
        conclude(cli, await revokeRole(house, whom, cli.caller), (revoked) =>
          json === true
            ? printJson(cli, revoked)
            : printLine(cli, `${granteeName(revoked)} has no role of its own any more`),
        ),
      ),
    );
  role
    .command("list")
    .description("list what was given to whom, and by whom")
    .option("--json", "print JSON: {grants}")
    .action(({ json }: Json) =>
      cli.inHouse(async (house) => {
        const grants = await house.roles.grants();
        if (json === true) printJson(cli, { grants: grants.map(grantJson) });
        else {
          const rows = grants.map((one) => [granteeName(one), one.role, one.by, isoTime(one.at)]);
          printTable(cli, ["WHO", "ROLE", "BY", "SINCE"], rows);
        }
        return 0;
      }),
    );
};

/** Accounts people linked themselves, with `/gate me --link`: taking one out again is for whoever looks after the bot. */
function linkVerbs(role: Command, cli: Cli): void {
  role
    .command("links")
    .description("list the accounts that people linked as their own: they count as one person")
    .option("--json", "print JSON: {people}")
    .action(({ json }: Json) =>
      cli.inHouse(async (house) => {
        const people = await house.links.all();
        if (json === true) printJson(cli, { people });
        else
          printTable(
            cli,
            ["PERSON", "ACCOUNTS"],
            people.map((one) => [one.person, one.accounts.join(", ")]),
          );
        return 0;
      }),
    );
  role
    .command("unlink")
    .description("make a linked account a person of its own again")
    .argument("<account>", "PLATFORM:ID of a person", readWhom)
    .option("--json", "print the account as JSON")
    .action((whom: Grantee, { json }: Json) =>
      cli.inHouse(async (house) =>
        conclude(cli, await partAccount(house, `person:${granteeName(whom)}`, cli.caller), (account) =>
          json === true
            ? printJson(cli, { account })
            : printLine(cli, `${account} is a person of its own again`),
        ),
      ),
    );
}

function grantVerb(role: Command, cli: Cli): void {
  role
    .command("grant")
    .description(`give somebody a role: ${ROLES.join(" < ")}; \`/gate me\` shows a person their id`)
    .argument("<whom>", WHOM, readWhom)
    .argument("<role>", ROLES.join(", "), readRole)
    .option("--json", "print the grant as JSON")
    .action((whom: Grantee, given: Role, { json }: Json) =>
      cli.inHouse(async (house) =>
        conclude(cli, await grantRole(house, { ...whom, role: given }, cli.caller), (grant) =>
          json === true
            ? printJson(cli, grantJson(grant))
            : printLine(cli, `${granteeName(grant)} is ${grant.role}`),
        ),
      ),
    );
}

function grantJson({ platform, sort, subject, role, by, at }: GrantRecord) {
  return { platform, sort, subject, role, by, at: isoTime(at) };
}

function readWhom(text: string): Grantee {
  const grantee = readGrantee(text);
  if (grantee !== null) return grantee;
  throw new InvalidArgumentError(`It is ${WHOM}, such as slack:U012AB3CD or discord:group:1234567890.`);
}

function readRole(text: string): Role {
  const role = ROLES.find((one) => one === text);
  if (role !== undefined) return role;
  throw new InvalidArgumentError(`It is one of ${ROLES.join(", ")}.`);
}
