"""A fake Alipay that the shop cannot tell from the real one."""
