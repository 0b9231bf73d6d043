/** What `gatehouse init` writes, and what stands in the repository as `.env.example`: a test holds the two together. */
export const environmentExample = `# Gatehouse reads these variables, and a file \`.env\` like this one in the folder it is started in; what the
# environment already says wins. Every line is optional: what stands behind the # is what holds without it, or an example.
# Unknown GATEHOUSE_* names are refused, and \`gatehouse doctor\` says what is wrong with the others.

# Where the queue lives: file:PATH, libsql://HOST, https://HOST or http://HOST:PORT. A file's folder is made where it is
# missing; it must not lie on a network file system (several hosts share one queue through a remote server instead).
# GATEHOUSE_DB_URL=file:data/gatehouse.db

# The token of a remote database.
# GATEHOUSE_DB_TOKEN=

# Where the API, the local chat and the dashboard listen. Port 0 takes a free one. Anything but a loopback address lets
# others on the network in.
# GATEHOUSE_HTTP=127.0.0.1:4100

# How people reach the bot from outside, for the links it writes.
# GATEHOUSE_PUBLIC_URL=https://gate.example.com

# The time zone in which people are told times; without it the machine's.
# GATEHOUSE_TIMEZONE=Europe/Berlin

# fatal, error, warn, info, debug, trace or silent. The log goes to standard error.
# GATEHOUSE_LOG=info

# The folder of file and command proofs: \`file:report.txt\` is report.txt in it, and a policy's commands run in it or
# below. The usual folder is made where it is missing; one that is named here must exist. Name the folder agents work in
# where proofs are files of a checkout, or commands such as \`npm test\`.
# GATEHOUSE_PROOF_ROOT=data/proofs

# Exact origins, between commas, that a url proof may read although they are not public.
# GATEHOUSE_PROOF_ORIGINS=http://127.0.0.1:8080,http://build.internal:8080

# How long after a task was done its proofs are looked at again, between commas, in m, h or d; or off. What does not hold
# any more reopens the task and is corrected where it was announced.
# GATEHOUSE_RECHECK=1h,24h,7d

# When the jobs run, in the time zone above: JOB=CRON between semicolons, JOB=off, or off for all of them. What is not
# named keeps its time. The jobs are heartbeat, queue-validate, queue-operating-refresh, autonomy-verify-watch,
# dispatch-ready-work and digest; \`gatehouse job list\` shows them.
# GATEHOUSE_JOBS=heartbeat=*/30 * * * *; digest=5 * * * *

# Where lanes hand work out themselves (docs/dispatch.md): what webhooks are signed with, 16 characters or more, and below
# which folder started programs run.
# GATEHOUSE_DISPATCH_SECRET=
# GATEHOUSE_DISPATCH_ROOT=data/dispatch

# Slack: a bot token, and either an app-level token (Socket Mode) or the signing secret (HTTP).
# SLACK_BOT_TOKEN=xoxb-…
# SLACK_APP_TOKEN=xapp-…
# SLACK_SIGNING_SECRET=
# SLACK_API_URL=https://slack.com/api

# Discord: a bot's token and the server's id.
# DISCORD_TOKEN=
# DISCORD_GUILD_ID=
# DISCORD_API_URL=https://discord.com/api

# GitHub: a token for proofs that are commits, checks, pull requests or releases.
# GITHUB_TOKEN=
# GITHUB_API_URL=https://api.github.com
`;
