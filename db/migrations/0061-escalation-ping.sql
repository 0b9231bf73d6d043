-- Whom a channel has pinged where something escalates: a Discord role or a Slack user group, by the platform's own id.
ALTER TABLE channels ADD COLUMN ping TEXT;
