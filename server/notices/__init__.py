"""Notices (通知): what a person is told about, on the feed and in a list, until it is swept."""
