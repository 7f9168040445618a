"""How requests, tasks, facts, timers, queues and streams come in."""
