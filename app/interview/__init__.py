"""Timed mock interviews: what is asked (`paper`), when (`timing`), the sitting itself (`sittings`), and the report."""
