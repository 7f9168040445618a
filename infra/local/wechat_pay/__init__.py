"""A fake WeChat Pay (API v3) that the shop cannot tell from the real one."""
