-- What waits in a lane, for an empty claim's answer: the runnable tasks, however many, are not walked to find it.
CREATE INDEX tasks_waiting_by_lane ON tasks (lane_id) WHERE status = 'queued' AND ready_at IS NULL;
