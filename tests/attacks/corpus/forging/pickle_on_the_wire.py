"""Send a pickle that would have the app make a folder.

must: forbidden
"""

import os
import pickle
import sys


class Planted:
    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (f"{self.folder}/unpickled",)


def f(given):
    channel = sys.modules["cell.channel"]
    true_write = channel.write_all
    data = pickle.dumps(Planted(given["folder"]))
    channel.write_all = lambda fd, _: true_write(fd, len(data).to_bytes(4, "little") + data)
