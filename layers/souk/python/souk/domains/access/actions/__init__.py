"""What is done about access: recognise a caller, begin and end a session, appoint staff.

One file each, for only the recognising needs the cryptography that a token is verified with.
"""
