"""When a memory is asked again, and what comes next: pure, handed time and randomness, free of database and web."""
