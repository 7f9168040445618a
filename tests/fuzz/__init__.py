"""Requests made up by the thousand from the OpenAPI document, and garbage at the doors that no client sees."""
