"""Doors to other programs: Anki decks, and one learner's data between servers. Pure; the command wires them up."""
