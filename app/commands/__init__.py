"""The subcommands of `whetstone`, by what they are about. `app.cli` parses; these call services and print."""

OK, FAILED, BROKEN = 0, 1, 2
