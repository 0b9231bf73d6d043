-- Since when a delivery only fails: being told to wait is no failure, and ends it as being sent does.
ALTER TABLE deliveries ADD COLUMN failing_since INTEGER;
