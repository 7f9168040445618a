"""What the shop writes to people: the messages in its inboxes."""
