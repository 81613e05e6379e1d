"""The side of the sandbox that lives behind the walls: the warm parent, the child it forks, and what both are made of.

These files alone are shown inside bubblewrap, so nothing here imports anything but its neighbours, the standard library
and numpy.
"""
