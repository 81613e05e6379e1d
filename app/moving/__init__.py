"""Everything an instance holds, on its way: into a backup and out of it, and from one database to another.

`tables` is the row format that both share, `archive` the file that a backup is, `backup`, `restore` and `transfer` the
three journeys, `in_use` who must be gone before one begins. `journal` (on `durable`) and `put_back` undo a restore that
did not end. It reads and writes tables without knowing what they mean.
"""
