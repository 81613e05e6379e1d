"""Sleep before defining the function.

must: time_limit
"""

import time

time.sleep(60)
