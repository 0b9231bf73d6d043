-- When a try that may have got through began at the earliest: how far back a doubtful message is looked for.
ALTER TABLE deliveries ADD COLUMN tried_since INTEGER;
