"""Keeping the bank true: the gate that every question passes before it is published."""
