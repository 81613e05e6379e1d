"""Looks at what an instance stands on and says what is wrong and what to do: database, queue, disk, clock.

It changes nothing, makes nothing, and needs no server. The sandbox looks after itself (`app.sandbox.doctor`).
"""
