"""Shifts (班次): sign-in and sign-out joined into one row."""
