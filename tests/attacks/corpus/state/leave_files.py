"""Leave files for the next submission, wherever one may write.

jobs: plant, look
must: returned []
"""

import os

from raw import opened


def f(given):
    places = (given["folder"], "/dev/shm")
    left = [place for place in places if opened(f"{place}/left-by-an-attack", os.O_RDONLY)]
    if given["step"] == "plant":
        return [place for place in places if opened(f"{place}/left-by-an-attack", os.O_CREAT | os.O_WRONLY, 0o666)]
    return left
