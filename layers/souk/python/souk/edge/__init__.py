"""How requests, tasks, facts, timers and streams come in."""
