"""Never get as far as defining the function.

must: time_limit
"""

while True:
    pass
